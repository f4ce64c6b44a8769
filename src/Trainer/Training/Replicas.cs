using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Training;

/// <summary>
/// Copies of the network, one a thread: each computes its part of a batch alone, and the parts are added in a fixed
/// order. That is faster than threads inside the operators.
/// </summary>
/// <param name="master">The network that is trained, float32.</param>
/// <param name="floatFrom">Steps from this one on compute in float32 in any case.</param>
public sealed class Replicas(LstmClassifier master, TrainingOptions options, int floatFrom) : IDisposable
{
    /// <summary>Images computed at once by one replica: their activations fit a core's second-level cache.</summary>
    private const int Chunk = 64;

    private readonly Replica[] _fast = floatFrom > 0 ? Make(master, options, options.Format) : [];
    private readonly Replica[] _float32 = Make(master, options, NumberFormat.Float32);

    /// <summary>The loss of some images of a batch.</summary>
    /// <param name="first">Place in the batch.</param>
    /// <returns>Sum of the images' losses.</returns>
    public delegate Tensor ChunkLoss(Replica replica, int first, int count);

    /// <param name="step">From 0; decides the number format.</param>
    /// <returns>The gradient of the batch's mean loss, [P] float32, and that loss.</returns>
    public (Tensor Gradient, float Loss) Gradient(int step, int batchSize, ChunkLoss loss)
    {
        Replica[] replicas = step < floatFrom ? _fast : _float32;
        int share = (batchSize + replicas.Length - 1) / replicas.Length;
        int parts = (batchSize + share - 1) / share;
        var gradients = new Tensor[parts];
        var losses = new float[parts];
        Task[] others = [.. Enumerable.Range(1, parts - 1).Select(worker => Task.Run(() => Compute(worker)))];
        Compute(0);
        Task.WaitAll(others);

        Tensor sum = gradients[0];
        foreach (Tensor gradient in gradients.Skip(1))
        {
            sum.AddInPlace(gradient);
            gradient.Dispose();
        }

        return (sum, losses.Sum());

        void Compute(int worker)
        {
            set_num_threads(1);
            int first = worker * share;
            int end = Math.Min(first + share, batchSize);
            (gradients[worker], losses[worker]) = GradientOfPart(replicas[worker], first, end, batchSize, loss);
        }
    }

    /// <summary>Measures the network that is trained, with its averaged weights.</summary>
    public SplitResult Measure(Muon optimizer, DigitSet digits) => ClassificationMetrics.MeasureLogits(
        optimizer.WithAverage(() => master.PredictLogits(digits)), digits.Labels);

    public void Dispose()
    {
        foreach (Replica replica in _fast.Concat(_float32))
        {
            replica.Dispose();
        }
    }

    private static Replica[] Make(LstmClassifier master, TrainingOptions options, NumberFormat format) =>
        [.. Enumerable.Range(0, options.Threads).Select(worker => new Replica(worker, master.HiddenSize, format))];

    private (Tensor Gradient, float Loss) GradientOfPart(
        Replica replica, int start, int end, int batchSize, ChunkLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<Tensor> trained = replica.Follow(master);
        float lossSum = 0;
        for (int first = start; first < end; first += Chunk)
        {
            using DisposeScope chunkScope = NewDisposeScope();
            using Scalar count = batchSize;
            Tensor mean = loss(replica, first, Math.Min(Chunk, end - first)) / count;
            mean.backward();
            lossSum += mean.item<float>();
        }

        return (trained.FlatGradient().DetachFromDisposeScope(), lossSum);
    }
}
