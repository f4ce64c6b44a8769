using System.Diagnostics;
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

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Goes on with a trained network so that its evidence tells digits from all else, while it says about digits what it said
/// before: the squared hinge on the energy of Liu et al., "Energy-based Out-of-distribution Detection", 2020
/// (arXiv:2010.03759), equations 8 and 9, beside distillation from its own copy.
/// </summary>
/// <param name="options">The recipe.</param>
/// <param name="data">Train is learned from, validation is measured after each epoch.</param>
/// <param name="checkpoint">Written after each epoch and when the run is stopped.</param>
/// <param name="observer">Told how it goes.</param>
public sealed class OodFineTuning(TrainingOptions options, MnistDataset data, Checkpoint checkpoint, TrainingObserver observer)
{
    /// <summary>Share of the digits that are shown as written; the others are views.</summary>
    private const float WrittenShare = 0.3f;

    /// <summary>
    /// Share of picture-like views among the views of digits. The threshold depends on such views, so that they come more
    /// often than in distillation.
    /// </summary>
    private const float DigitPictureShare = 0.35f;

    /// <summary>Share of the digits in whose place one of <see cref="DrawnDigits"/> is shown.</summary>
    private const float DrawnDigitShare = 0.06f;

    private const int DrawnDigitPictures = 9_000;

    /// <summary>Share of picture-like views among the pictures of no digit.</summary>
    private const float NonDigitPictureShare = 0.5f;

    /// <summary>
    /// Share of the non-digits that are chosen from the hard ones, those above their margin. For the others the hinge is 0.
    /// </summary>
    private const float HardShare = 0.3f;

    private const int EpochsBetweenSearches = 3; // for hard non-digits

    /// <summary>Weight of the pictures' of no digit cross-entropy with ten equal probabilities.</summary>
    private const float UniformWeight = 0.1f;

    private const double WarmUp = 0.05; // share of the steps over which the learning rate rises

    // None is a temporary, see TensorExtensions.
    private readonly Scalar _softTemperature = options.SoftTemperature;
    private readonly Scalar _softWeight = -options.SoftShare * options.SoftTemperature * options.SoftTemperature;
    private readonly Scalar _evidenceWeight = options.EvidenceWeight;
    private readonly Scalar _digitMargin = options.DigitMargin;
    private readonly Scalar _minusNonDigitMargin = -options.NonDigitMargin;
    private readonly Scalar _minusOne = -1;
    private readonly Scalar _uniformWeight = -UniformWeight / ModelContract.Classes;

    private readonly int _digitsAStep = options.BatchSize - (int)(options.BatchSize * options.NonDigitShare);

    /// <summary>Runs to the end.</summary>
    /// <param name="start">The network, which is changed, and its history, which is continued.</param>
    /// <param name="resume">Go on from the checkpoint, if there is one.</param>
    /// <param name="cancellation">Stops the run after a step.</param>
    /// <exception cref="OperationCanceledException">The run was stopped; a checkpoint is left.</exception>
    /// <exception cref="TrainerException">The loss is no finite number; the checkpoint is damaged or of another recipe.</exception>
    public TrainedNetwork Run(TrainedNetwork start, bool resume, CancellationToken cancellation)
    {
        set_num_threads(1);
        LstmClassifier network = start.Network;
        using LstmClassifier before = network.Copy();
        int stepsAnEpoch = data.Train.Count / _digitsAStep;
        int totalSteps = stepsAnEpoch * options.EvidenceEpochs;
        TrainingOptions recipe = options with { LearningRate = options.EvidenceRate, WarmUpSteps = (int)(WarmUp * totalSteps) };
        using var optimizer = Muon.Of(network, recipe);
        var nonDigits = NonDigitPool.Draw(data.Train, options);
        (int step, TrainingHistory history) = resume && checkpoint.Exists
            ? Load(optimizer, nonDigits)
            : (0, start.History);
        DigitSet drawnDigits = DrawnDigits.Draw(DrawnDigitPictures, options.RandomSeed, RandomPurpose.DrawnDigits);
        using var replicas = new Replicas(NumberFormat.Float32, options);
        BatchMaker[] makers = [.. Enumerable.Range(0, options.Threads).Select(_ => new BatchMaker(options, data.Train, drawnDigits, nonDigits))];

        int[] order = [];
        int firstStep = step;
        TimeSpan elapsedBefore = history.Elapsed;
        var clock = Stopwatch.StartNew();
        while (step < totalSteps)
        {
            (int epoch, int stepOfEpoch) = Math.DivRem(step, stepsAnEpoch);
            order = stepOfEpoch == 0 || step == firstStep ? Order(epoch) : order;
            if (stepOfEpoch == 0 && epoch % EpochsBetweenSearches == 0)
            {
                nonDigits.FindHard(network);
            }

            ReadOnlyMemory<int> digits = order.AsMemory(stepOfEpoch * _digitsAStep, _digitsAStep);
            int stepNow = step;
            using (DisposeScope scope = NewDisposeScope())
            {
                (Tensor gradient, float loss) = replicas.Gradient(network, options.BatchSize, (replica, worker, first, count) =>
                    Loss(replicas, replica, before, makers[worker].Make(digits.Span, stepNow, epoch, first, count)));
                RequireFinite(loss, step);
                optimizer.Step(gradient, LearningRate.At(recipe, step, totalSteps));
                history.Losses.Add(loss);
            }

            step++;
            history.Elapsed = elapsedBefore + clock.Elapsed;
            double stepsPerSecond = (step - firstStep) / clock.Elapsed.TotalSeconds;
            Report(step, totalSteps, history.Losses[^1], stepsPerSecond);
            if (step % stepsAnEpoch == 0)
            {
                EpochRecord record = Validate(network, optimizer, recipe, step, totalSteps, stepsAnEpoch, history, stepsPerSecond);
                history.Epochs.Add(record);
                observer.EpochEnded(record);
                Save(step, history, optimizer, nonDigits);
            }

            if (cancellation.IsCancellationRequested && step < totalSteps)
            {
                Save(step, history, optimizer, nonDigits);
                throw new OperationCanceledException(cancellation);
            }
        }

        optimizer.Finish();
        return new TrainedNetwork(network, history);
    }

    private (int Step, TrainingHistory History) Load(Muon optimizer, NonDigitPool nonDigits) => checkpoint.Load(reader =>
    {
        optimizer.Load(reader);
        nonDigits.Load(reader);
    });

    private void Save(int step, TrainingHistory history, Muon optimizer, NonDigitPool nonDigits) =>
        checkpoint.Save(step, history, writer =>
        {
            optimizer.Save(writer);
            nonDigits.Save(writer);
        });

    private void Report(int step, int totalSteps, float loss, double stepsPerSecond) => observer.Stepped(new TrainingProgress(
        step,
        totalSteps,
        loss,
        stepsPerSecond * options.BatchSize,
        (totalSteps - step) / stepsPerSecond * TimeSpan.FromSeconds(1)));

    /// <summary>The order of an epoch's digits.</summary>
    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, data.Train.Count)];
        new CounterRandom(options.RandomSeed, RandomPurpose.EvidenceOrder, epoch).Shuffle(order);
        return order;
    }

    private static void RequireFinite(float loss, int step)
    {
        if (!float.IsFinite(loss))
        {
            throw new TrainerException(
                $"The loss became {loss} at step {step + 1:N0}: training diverged. Try a lower --evidence-rate.",
                ExitCodes.RunFailed);
        }
    }

    /// <summary>Sum of the images' losses.</summary>
    private Tensor Loss(Replicas replicas, LstmClassifier network, LstmClassifier before, EvidenceBatch batch)
    {
        int digits = batch.Labels.Length;
        int nonDigits = (batch.Rows.Length / RowSequence.Length) - digits;
        Tensor logits = replicas.Logits(network, batch.Rows); // [B, C], digits first
        Tensor evidence = logits.logsumexp(1); // [B]
        Tensor sum = zeros([]);
        if (digits > 0)
        {
            Tensor labels = tensor(batch.Labels);
            Tensor ofDigits = logits.narrow(0, 0, digits);
            Tensor told;
            using (no_grad())
            {
                Tensor logitsBefore = replicas.Logits(before, batch.Rows[..(digits * RowSequence.Length)]);
                Tensor wasRight = logitsBefore.argmax(1).eq(labels).to(ScalarType.Float32).unsqueeze(1);
                told = F.softmax(logitsBefore / _softTemperature, 1) * wasRight;
            }

            Tensor soft = (told * F.log_softmax(ofDigits / _softTemperature, 1)).sum() * _softWeight;
            Tensor hard = (F.cross_entropy(ofDigits, labels, reduction: nn.Reduction.None) * tensor(batch.LabelWeights)).sum();
            Tensor missing = F.relu((evidence.narrow(0, 0, digits) * _minusOne).Plus(_digitMargin)).square().sum() * _evidenceWeight;
            sum = sum.Plus(soft).Plus(hard).Plus(missing);
        }

        if (nonDigits > 0)
        {
            Tensor uniform = F.log_softmax(logits.narrow(0, digits, nonDigits), 1).sum() * _uniformWeight;
            Tensor excess = F.relu(evidence.narrow(0, digits, nonDigits).Plus(_minusNonDigitMargin)).square().sum() * _evidenceWeight;
            sum = sum.Plus(uniform).Plus(excess);
        }

        return sum;
    }

    private EpochRecord Validate(
        LstmClassifier network,
        Muon optimizer,
        TrainingOptions recipe,
        int step,
        int totalSteps,
        int stepsAnEpoch,
        TrainingHistory history,
        double stepsPerSecond)
    {
        float[] logits = optimizer.WithAverage(() => network.PredictLogits(data.Validation));
        SplitResult result = ClassificationMetrics.Measure(Softmax.Of(logits, temperature: 1), data.Validation.Labels);
        return new EpochRecord(
            Epoch: history.Epochs.Count + 1,
            Step: history.Losses.Count,
            LearningRate: LearningRate.At(recipe, step - 1, totalSteps),
            TrainingLoss: history.Losses.Skip(history.Losses.Count - stepsAnEpoch).Average(),
            ValidationLoss: result.NegativeLogLikelihood,
            ValidationAccuracy: result.Accuracy,
            ImagesPerSecond: stepsPerSecond * options.BatchSize);
    }

    /// <summary>Makes the images of a step, the same ones on whatever thread. For one thread.</summary>
    private sealed class BatchMaker(TrainingOptions options, DigitSet train, DigitSet drawnDigits, NonDigitPool nonDigits)
    {
        private readonly Augmentation _augmentation = new();
        private readonly byte[] _view = new byte[RowSequence.Length];

        /// <param name="digits">Indices of the step's digits; its other images are none.</param>
        /// <param name="step">From 0.</param>
        /// <param name="epoch">From 0.</param>
        /// <param name="first">Place in the batch.</param>
        /// <param name="count">Images from there on.</param>
        public EvidenceBatch Make(ReadOnlySpan<int> digits, int step, int epoch, int first, int count)
        {
            // The places of digits and of others alternate, so that each thread has its share of both.
            int firstDigit = DigitsBefore(first, digits.Length);
            int digitCount = DigitsBefore(first + count, digits.Length) - firstDigit;
            var rows = new float[count * RowSequence.Length];
            var labels = new long[digitCount];
            var labelWeights = new float[digitCount];
            for (int b = 0; b < count; b++)
            {
                if (b < digitCount)
                {
                    (labels[b], labelWeights[b]) = MakeDigit(digits[firstDigit + b], epoch);
                }
                else
                {
                    int place = first - firstDigit + b - digitCount;
                    MakeNonDigit(new CounterRandom(options.RandomSeed, RandomPurpose.NonDigitViews, step, place));
                }

                RowSequence.FromPixels(_view, rows.AsSpan(b * RowSequence.Length, RowSequence.Length));
            }

            return new EvidenceBatch(rows, labels, labelWeights);
        }

        private int DigitsBefore(int place, int digits) => (int)((long)place * digits / options.BatchSize);

        /// <returns>The label of what was made, and how much it counts: the network's copy knows little of drawn digits.</returns>
        private (byte Label, float Weight) MakeDigit(int index, int epoch)
        {
            var drawn = new CounterRandom(options.RandomSeed, RandomPurpose.DrawnDigitViews, epoch, index);
            if (drawn.NextSingle() < DrawnDigitShare)
            {
                int n = drawn.NextInt(drawnDigits.Count);
                _augmentation.MakeView(drawnDigits.Image(n), _view, DigitPictureShare, drawn);
                return (drawnDigits.Labels[n], 1);
            }

            var random = new CounterRandom(options.RandomSeed, RandomPurpose.EvidenceViews, epoch, index);
            ReadOnlySpan<byte> digit = train.Image(index);
            if (random.NextSingle() < WrittenShare)
            {
                digit.CopyTo(_view);
            }
            else
            {
                _augmentation.MakeView(digit, _view, DigitPictureShare, random);
            }

            return (train.Labels[index], (float)(1 - options.SoftShare));
        }

        private void MakeNonDigit(CounterRandom random)
        {
            ReadOnlySpan<byte> picture = nonDigits.Choose(HardShare, ref random);
            _augmentation.MakeView(picture, _view, NonDigitPictureShare, random);
        }
    }

    /// <param name="Rows">[B * T * I] intensities, digits first.</param>
    /// <param name="Labels">[digits].</param>
    /// <param name="LabelWeights">[digits], of the labels' cross-entropy.</param>
    private sealed record EvidenceBatch(float[] Rows, long[] Labels, float[] LabelWeights);
}
