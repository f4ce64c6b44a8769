using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Goes on with a trained network so that its evidence tells digits from all else, while it says about digits what it
/// said before: the squared hinge on the energy of Liu et al., "Energy-based Out-of-distribution Detection", 2020
/// (arXiv:2010.03759), equations 8 and 9, beside distillation from its own copy.
/// </summary>
public sealed class OodObjective(
    TrainingOptions options, MnistDataset data, LstmClassifier network, NonDigitPool nonDigits, OodBatchMaker[] makers)
    : IObjective, IDisposable
{
    // For a hundred non-digits.
    private const int DrawnDigitCount = 6;
    private const int PhotographedDigitCount = 25;

    private const int EpochsBetweenSearches = 3; // for hard non-digits

    /// <summary>Weight of the non-digits' cross-entropy with ten equal probabilities.</summary>
    private const float UniformWeight = 0.1f;

    private const double WarmUp = 0.05; // share of the steps over which the learning rate rises

    private readonly LstmClassifier _before = network.Copy();
    private readonly Replicas _replicas = new(network, options, floatFrom: 0);
    private readonly DataOrder _order = new(data.Train.Count, options.RandomSeed, RandomPurpose.EvidenceOrder);
    private readonly int _digitsAStep = DigitsAStep(options);
    private readonly int _stepsAnEpoch = data.Train.Count / DigitsAStep(options);

    // None is a temporary, see TensorExtensions.
    private readonly Scalar _softTemperature = options.SoftTemperature;
    private readonly Scalar _softWeight = -options.SoftShare * options.SoftTemperature * options.SoftTemperature;
    private readonly Scalar _evidenceWeight = options.EvidenceWeight;
    private readonly Scalar _digitMargin = options.DigitMargin;
    private readonly Scalar _minusNonDigitMargin = -options.NonDigitMargin;
    private readonly Scalar _minusOne = -1;
    private readonly Scalar _uniformWeight = -UniformWeight / ModelContract.Classes;

    public TrainingPlan Plan { get; } = PlanOf(options, data.Train.Count / DigitsAStep(options));

    /// <param name="start">The network, which is changed, and its history, which is continued.</param>
    /// <param name="own">Someone's own pictures, which it is to read as well; null for none.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public static TrainedNetwork Run(
        TrainingOptions options, MnistDataset data, TrainedNetwork start, TrainingLoop loop, DigitSet? own = null)
    {
        loop.Observer.Noted($"drawing {options.NonDigitPictures:N0} pictures without a digit");
        NonDigitPool nonDigits = NonDigitPool.Draw(data.Train, options, loop.Cancellation);
        DigitSet drawn = DrawnDigits.Draw(Count(DrawnDigitCount), options.RandomSeed, RandomPurpose.DrawnDigits);
        DigitSet otherDigits = drawn.Append(PhotographedDigits.Draw(
            data.Train, Count(PhotographedDigitCount), options.RandomSeed, RandomPurpose.PhotographedDigits,
            loop.Cancellation));
        OodBatchMaker[] makers = // one a thread
            [.. Enumerable.Range(0, options.Threads)
                .Select(_ => new OodBatchMaker(options, data.Train, otherDigits, nonDigits, own))];
        using Muon optimizer = Muon.Of(start.Network, options);
        using var objective = new OodObjective(options, data, start.Network, nonDigits, makers);
        return start with { History = loop.Minimize(objective, optimizer, start.History) };

        int Count(int forHundred) => Math.Max(1, options.NonDigitPictures * forHundred / 100);
    }

    public (Tensor Gradient, float Loss) Gradient(int step)
    {
        (int epoch, int stepOfEpoch) = Math.DivRem(step, _stepsAnEpoch);
        if (stepOfEpoch == 0 && epoch % EpochsBetweenSearches == 0)
        {
            nonDigits.FindHard(network);
        }

        ReadOnlyMemory<int> digits = _order.OfEpoch(epoch).Slice(stepOfEpoch * _digitsAStep, _digitsAStep);
        return _replicas.Gradient(step, options.BatchSize, (replica, first, count) =>
            Loss(replica, makers[replica.Worker].Make(digits.Span, step, epoch, first, count)));
    }

    public SplitResult Validate(Muon optimizer) => _replicas.Measure(optimizer, data.Validation);

    public void Save(BinaryWriter writer) => nonDigits.Save(writer);

    public void Load(BinaryReader reader) => nonDigits.Load(reader);

    public void Dispose()
    {
        _replicas.Dispose();
        _before.Dispose();
    }

    private static int DigitsAStep(TrainingOptions options) =>
        options.BatchSize - (int)(options.BatchSize * options.NonDigitShare);

    private static TrainingPlan PlanOf(TrainingOptions options, int stepsAnEpoch)
    {
        int warmUpSteps = (int)(WarmUp * stepsAnEpoch * options.EvidenceEpochs);
        TrainingOptions recipe = options with { LearningRate = options.EvidenceRate, WarmUpSteps = warmUpSteps };
        return TrainingPlan.WholeBatches(recipe, options.EvidenceEpochs, stepsAnEpoch, "--evidence-rate");
    }

    /// <summary>Sum of the images' losses.</summary>
    private Tensor Loss(Replica replica, OodBatch batch)
    {
        int digits = batch.Labels.Length;
        int nonDigits = (batch.Rows.Length / RowSequence.Length) - digits;
        Tensor logits = replica.Logits(batch.Rows); // [B, C], digits first
        Tensor evidence = logits.logsumexp(1); // [B]
        Tensor sum = zeros([]);
        if (digits > 0)
        {
            Tensor labels = tensor(batch.Labels);
            Tensor ofDigits = logits.narrow(0, 0, digits);
            Tensor told;
            using (no_grad())
            {
                Tensor logitsBefore = _before.forward(Batch.Rows(batch.Rows[..(digits * RowSequence.Length)]));
                Tensor wasRight = logitsBefore.argmax(1).eq(labels).to(ScalarType.Float32).unsqueeze(1);
                told = F.softmax(logitsBefore / _softTemperature, 1) * wasRight;
            }

            Tensor soft = (told * F.log_softmax(ofDigits / _softTemperature, 1)).sum() * _softWeight;
            Tensor hard =
                (F.cross_entropy(ofDigits, labels, reduction: nn.Reduction.None) * tensor(batch.LabelWeights)).sum();
            Tensor missing =
                F.relu((evidence.narrow(0, 0, digits) * _minusOne).Plus(_digitMargin)).Square().sum() * _evidenceWeight;
            sum = sum.Plus(soft).Plus(hard).Plus(missing);
        }

        if (nonDigits > 0)
        {
            Tensor uniform = F.log_softmax(logits.narrow(0, digits, nonDigits), 1).sum() * _uniformWeight;
            Tensor excess = F.relu(evidence.narrow(0, digits, nonDigits)
                .Plus(_minusNonDigitMargin)).Square().sum() * _evidenceWeight;
            sum = sum.Plus(uniform).Plus(excess);
        }

        return sum;
    }
}
