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
public sealed class OodObjective : IObjective, IDisposable
{
    // For a hundred non-digits.
    private const int DrawnDigitCount = 6;
    private const int PhotographedDigitCount = 25;

    private const int EpochsBetweenSearches = 3; // for hard non-digits

    /// <summary>Weight of the non-digits' cross-entropy with ten equal probabilities.</summary>
    private const float UniformWeight = 0.1f;

    private const double WarmUp = 0.05; // share of the steps over which the learning rate rises

    private readonly TrainingOptions _options;
    private readonly MnistDataset _data;
    private readonly LstmClassifier _network;
    private readonly LstmClassifier _before;
    private readonly Replicas _replicas;
    private readonly NonDigitPool _nonDigits;
    private readonly OodBatchMaker[] _makers; // one a thread
    private readonly DataOrder _order;
    private readonly int _digitsAStep;
    private readonly int _stepsAnEpoch;

    // None is a temporary, see TensorExtensions.
    private readonly Scalar _softTemperature;
    private readonly Scalar _softWeight;
    private readonly Scalar _evidenceWeight;
    private readonly Scalar _digitMargin;
    private readonly Scalar _minusNonDigitMargin;
    private readonly Scalar _minusOne = -1;
    private readonly Scalar _uniformWeight = -UniformWeight / ModelContract.Classes;

    private OodObjective(TrainingOptions options, MnistDataset data, LstmClassifier network, DigitSet? own)
    {
        _options = options;
        _data = data;
        _network = network;
        _before = network.Copy();
        _replicas = new Replicas(network, options, floatFrom: 0);
        _nonDigits = NonDigitPool.Draw(data.Train, options);
        DigitSet drawn = DrawnDigits.Draw(Count(DrawnDigitCount), options.RandomSeed, RandomPurpose.DrawnDigits);
        DigitSet photos = PhotographedDigits.Draw(
            data.Train, Count(PhotographedDigitCount), options.RandomSeed, RandomPurpose.PhotographedDigits);
        DigitSet otherDigits = drawn.Append(photos);
        _makers = [.. Enumerable.Range(0, options.Threads)
            .Select(_ => new OodBatchMaker(options, data.Train, otherDigits, _nonDigits, own))];
        _order = new DataOrder(data.Train.Count, options.RandomSeed, RandomPurpose.EvidenceOrder);
        _digitsAStep = options.BatchSize - (int)(options.BatchSize * options.NonDigitShare);
        _stepsAnEpoch = data.Train.Count / _digitsAStep;
        int warmUpSteps = (int)(WarmUp * _stepsAnEpoch * options.EvidenceEpochs);
        TrainingOptions recipe = options with { LearningRate = options.EvidenceRate, WarmUpSteps = warmUpSteps };
        Plan = TrainingPlan.WholeBatches(recipe, options.EvidenceEpochs, _stepsAnEpoch, "--evidence-rate");
        _softTemperature = options.SoftTemperature;
        _softWeight = -options.SoftShare * options.SoftTemperature * options.SoftTemperature;
        _evidenceWeight = options.EvidenceWeight;
        _digitMargin = options.DigitMargin;
        _minusNonDigitMargin = -options.NonDigitMargin;

        int Count(int forHundred) => Math.Max(1, options.NonDigitPictures * forHundred / 100);
    }

    public TrainingPlan Plan { get; }

    /// <param name="start">The network, which is changed, and its history, which is continued.</param>
    /// <param name="own">Someone's own pictures, which it is to read as well; null for none.</param>
    public static TrainedNetwork Run(
        TrainingOptions options, MnistDataset data, TrainedNetwork start, TrainingLoop loop, DigitSet? own = null)
    {
        using Muon optimizer = Muon.Of(start.Network, options);
        using var objective = new OodObjective(options, data, start.Network, own);
        return start with { History = loop.Minimize(objective, optimizer, start.History) };
    }

    public (Tensor Gradient, float Loss) Gradient(int step)
    {
        (int epoch, int stepOfEpoch) = Math.DivRem(step, _stepsAnEpoch);
        if (stepOfEpoch == 0 && epoch % EpochsBetweenSearches == 0)
        {
            _nonDigits.FindHard(_network);
        }

        ReadOnlyMemory<int> digits = _order.OfEpoch(epoch).Slice(stepOfEpoch * _digitsAStep, _digitsAStep);
        return _replicas.Gradient(step, _options.BatchSize, (replica, first, count) =>
            Loss(replica, _makers[replica.Worker].Make(digits.Span, step, epoch, first, count)));
    }

    public SplitResult Validate(Muon optimizer) => _replicas.Measure(optimizer, _data.Validation);

    public void Save(BinaryWriter writer) => _nonDigits.Save(writer);

    public void Load(BinaryReader reader) => _nonDigits.Load(reader);

    public void Dispose()
    {
        _replicas.Dispose();
        _before.Dispose();
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
