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

namespace MnistLstm.Trainer.Distillation;

/// <summary>
/// The cross-entropies with the teachers' softened probabilities and with the label, on many views of each training
/// image. From Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015.
/// </summary>
public sealed class DistillationObjective(
    TrainingOptions options, MnistDataset data, LstmClassifier network, AugmentationCache views)
    : IObjective, IDisposable
{
    private readonly int _stepsAnEpoch = data.Train.Count / options.BatchSize;
    private readonly DataOrder _order = new(data.Train.Count, options.RandomSeed);
    private readonly Replicas _replicas = new(network, options, options.FloatFrom(PlanOf(options, data).TotalSteps));

    // Fields, not temporaries: see TensorExtensions.
    private readonly Scalar _softTemperature = options.SoftTemperature;

    // T² keeps the size of the soft gradient as the temperature varies (Hinton et al., section 2).
    private readonly Scalar _softWeight = -options.SoftShare * options.SoftTemperature * options.SoftTemperature;
    private readonly Scalar _hardWeight = 1 - options.SoftShare;

    public TrainingPlan Plan { get; } = PlanOf(options, data);

    public (Tensor Gradient, float Loss) Gradient(int step)
    {
        (int epoch, int stepOfEpoch) = Math.DivRem(step, _stepsAnEpoch);
        AugmentedSet view = views[epoch % options.Views];
        ReadOnlyMemory<int> batch = _order.OfEpoch(epoch).Slice(stepOfEpoch * options.BatchSize, options.BatchSize);
        return _replicas.Gradient(
            step, batch.Length, (replica, first, count) => Loss(replica, view, batch.Span.Slice(first, count)));
    }

    public SplitResult Validate(Muon optimizer) => _replicas.Measure(optimizer, data.Validation);

    public void Dispose() => _replicas.Dispose();

    private static TrainingPlan PlanOf(TrainingOptions options, MnistDataset data) => TrainingPlan.WholeBatches(
        options, options.Epochs, data.Train.Count / options.BatchSize, "--learning-rate");

    private Tensor Loss(Replica replica, AugmentedSet view, ReadOnlySpan<int> indices)
    {
        var rows = new float[indices.Length * RowSequence.Length];
        var teacherLogits = new float[indices.Length * ModelContract.Classes];
        for (int b = 0; b < indices.Length; b++)
        {
            int index = indices[b];
            ReadOnlySpan<byte> pixels = view.Pixels.AsSpan(index * RowSequence.Length, RowSequence.Length);
            RowSequence.FromPixels(pixels, rows.AsSpan(b * RowSequence.Length, RowSequence.Length));
            view.Logits.AsSpan(index * ModelContract.Classes, ModelContract.Classes)
                .CopyTo(teacherLogits.AsSpan(b * ModelContract.Classes));
        }

        Tensor logits = replica.Logits(rows); // [B, C]
        Tensor told = tensor(teacherLogits, [indices.Length, ModelContract.Classes]);
        Tensor teacher = F.softmax(told / _softTemperature, 1);
        Tensor soft = (teacher * F.log_softmax(logits / _softTemperature, 1)).sum() * _softWeight;
        Tensor hard = F.cross_entropy(logits, Batch.Labels(data.Train, indices), reduction: nn.Reduction.Sum);
        return soft.Plus(hard * _hardWeight);
    }
}
