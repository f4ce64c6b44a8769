using System.Diagnostics;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Bench.Training;

/// <summary>
/// Steps of the LSTM's training as the preset does them, but for making the images: gradient, Muon, moving average.
/// </summary>
internal sealed class TrainingSteps : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly LstmClassifier _network;
    private readonly Muon _optimizer;
    private readonly Replicas _replicas;
    private readonly float[] _rows;
    private readonly long[] _labels;

    public TrainingSteps(TrainingOptions options)
    {
        _options = options;
        _network = new LstmClassifier(options.HiddenSize);
        _network.Initialize(options.InitialValues, seed: 1);
        _optimizer = Muon.Of(_network, options);
        _replicas = new Replicas(_network, options, options.FloatFrom(int.MaxValue));
        var random = new Random(1);
        _rows = [.. Enumerable.Range(0, options.BatchSize * RowSequence.Length).Select(_ => random.NextSingle())];
        _labels = [.. Enumerable.Range(0, options.BatchSize).Select(_ => (long)random.Next(ModelContract.Classes))];
    }

    public double ImagesPerSecond(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        int images = 0;
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor gradient, _) = _replicas.Gradient(step: 0, _options.BatchSize, Loss);
            _optimizer.Step(gradient, learningRate: 1e-4);
            images += _options.BatchSize;
        }

        return images / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _replicas.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    private Tensor Loss(Replica replica, int first, int count)
    {
        Tensor logits = replica.Logits(_rows[(first * RowSequence.Length)..((first + count) * RowSequence.Length)]);
        return F.cross_entropy(logits, tensor(_labels[first..(first + count)]), reduction: nn.Reduction.Sum);
    }
}
