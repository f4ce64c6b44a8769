using System.Diagnostics;
using System.Globalization;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Distillation;

/// <summary>Trains one teacher on one thread, on views that are made as it goes.</summary>
/// <param name="teacher">Its number, from 0.</param>
/// <param name="options">The run's.</param>
/// <param name="data">Train is learned from, validation is measured.</param>
/// <param name="checkpoint">Written after each epoch; a finished teacher is read from it.</param>
/// <param name="note">Told of each epoch.</param>
public sealed class TeacherTraining(
    int teacher, TrainingOptions options, MnistDataset data, Checkpoint checkpoint, Action<string> note)
{
    /// <summary>Share of the steps over which the learning rate rises.</summary>
    private const double WarmUp = 0.1;

    private const float PictureShare = 0.35f;

    /// <summary>At most; a smaller training set has fewer.</summary>
    private const int StatisticsBatches = 60;

    private const int StatisticsBatch = 256;

    private static readonly TrainingOptions Recipe = new()
    {
        Preset = "teacher",
        BatchSize = 64,
        LearningRate = 0.002,
        WeightDecay = 0.02,
        GradientClip = 5,
        AverageDecay = 0.9985,
    };

    private readonly Augmentation _augmentation = new();

    /// <summary>Time spent training, over all parts of a resumed run.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <exception cref="OperationCanceledException">The run was stopped; the last finished epoch is in the checkpoint.</exception>
    public TeacherNetwork Run(bool resume, CancellationToken cancellation)
    {
        set_num_threads(1);
        var network = new TeacherNetwork(teacher, options.RandomSeed, options.NumberFormat);
        using var optimizer = new Muon(network.Parameters, Recipe);
        int firstEpoch = resume && checkpoint.Exists ? checkpoint.Load(reader => Load(reader, network, optimizer)) : 0;
        int steps = data.Train.Count / Recipe.BatchSize;
        for (int epoch = firstEpoch; epoch < options.TeacherEpochs; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            int[] order = [.. Enumerable.Range(0, data.Train.Count)];
            new CounterRandom(options.RandomSeed, RandomPurpose.TeacherOrder + teacher, epoch).Shuffle(order);
            double loss = 0;
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<int> batch = order.AsSpan(step * Recipe.BatchSize, Recipe.BatchSize);
                loss += TakeStep(network, optimizer, batch, epoch, ((long)epoch * steps) + step, (long)options.TeacherEpochs * steps);
            }

            if (epoch + 1 == options.TeacherEpochs)
            {
                optimizer.Finish();
                Recalibrate(network);
            }

            TimeSpan time = Stopwatch.GetElapsedTime(start);
            Elapsed += time;
            checkpoint.Save(writer => Save(writer, epoch + 1, network, optimizer));
            note(Line(epoch + 1, loss / steps, network, time));
        }

        if (firstEpoch >= options.TeacherEpochs)
        {
            optimizer.Finish();
        }

        return network;
    }

    private float TakeStep(TeacherNetwork network, Muon optimizer, ReadOnlySpan<int> batch, int epoch, long step, long total)
    {
        using DisposeScope scope = NewDisposeScope();
        var pixels = new byte[batch.Length * RowSequence.Length];
        for (int b = 0; b < batch.Length; b++)
        {
            var random = new CounterRandom(options.RandomSeed, RandomPurpose.TeacherViews + teacher, epoch, batch[b]);
            Span<byte> view = pixels.AsSpan(b * RowSequence.Length, RowSequence.Length);
            _augmentation.MakeView(data.Train.Image(batch[b]), view, PictureShare, random);
        }

        optimizer.ZeroGradients();
        Tensor logits = network.Forward(TeacherNetwork.Images(pixels), training: true);
        Tensor loss = F.cross_entropy(logits, Batch.Labels(data.Train, batch));
        loss.backward();
        float lossValue = loss.item<float>();
        if (!float.IsFinite(lossValue))
        {
            throw new TrainerException(
                $"The loss of teacher {teacher + 1} became {lossValue}: training diverged. Try another --seed.", ExitCodes.RunFailed);
        }

        optimizer.Step(Muon.FlatGradient(network.Parameters), LearningRate.OneCycle(Recipe.LearningRate, step, total, WarmUp * total));
        return lossValue;
    }

    /// <summary>The averaged weights have activations of their own: takes their statistics from some views.</summary>
    private void Recalibrate(TeacherNetwork network)
    {
        using var noGrad = no_grad();
        var pixels = new byte[StatisticsBatch * RowSequence.Length];
        int batches = Math.Clamp(data.Train.Count / StatisticsBatch, 1, StatisticsBatches);
        for (int batch = 0; batch < batches; batch++)
        {
            using DisposeScope scope = NewDisposeScope();
            for (int b = 0; b < StatisticsBatch; b++)
            {
                var random = new CounterRandom(options.RandomSeed, RandomPurpose.TeacherStatistics + teacher, batch, b);
                int index = random.NextInt(data.Train.Count);
                Span<byte> view = pixels.AsSpan(b * RowSequence.Length, RowSequence.Length);
                _augmentation.MakeView(data.Train.Image(index), view, PictureShare, random);
            }

            // The mean over all batches so far.
            network.Forward(TeacherNetwork.Images(pixels), training: true, momentum: 1.0 / (batch + 1));
        }
    }

    private int Load(BinaryReader reader, TeacherNetwork network, Muon optimizer)
    {
        int epoch = reader.ReadInt32();
        Elapsed = TimeSpan.FromTicks(reader.ReadInt64());
        optimizer.Load(reader);
        foreach (Tensor statistics in network.Statistics)
        {
            statistics.bytes = reader.ReadBytes((int)statistics.numel() * sizeof(float));
        }

        return epoch;
    }

    private void Save(BinaryWriter writer, int epoch, TeacherNetwork network, Muon optimizer)
    {
        writer.Write(epoch);
        writer.Write(Elapsed.Ticks);
        optimizer.Save(writer);
        foreach (Tensor statistics in network.Statistics)
        {
            writer.Write(statistics.bytes);
        }
    }

    private string Line(int epoch, double loss, TeacherNetwork network, TimeSpan time)
    {
        int images = data.Train.Count / Recipe.BatchSize * Recipe.BatchSize;
        float[] logits = TeacherNetwork.Logits([network], data.Validation.Pixels);
        SplitResult validation = ClassificationMetrics.Measure(
            Softmax.Of(logits, temperature: 1), data.Validation.Labels);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"teacher {teacher + 1}, epoch {epoch} of {options.TeacherEpochs}: training loss {loss:F4}, "
            + $"validation loss {validation.NegativeLogLikelihood:F4}, "
            + $"validation accuracy {100 * validation.Accuracy:F2} %, {images / time.TotalSeconds:N0} images/s, "
            + $"{(options.TeacherEpochs - epoch) * time.TotalMinutes:F0} min left for it");
    }
}
