using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Optimizers;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Training;

/// <summary>The aim of a <see cref="TrainingLoop"/>. Its steps depend on their number and the weights alone.</summary>
public interface IObjective
{
    public TrainingPlan Plan { get; }

    /// <summary>The gradient of a step's batch.</summary>
    /// <param name="step">Counted from 0.</param>
    /// <returns>The gradient of the mean loss, [P] float32, and that loss.</returns>
    public (Tensor Gradient, float Loss) Gradient(int step);

    /// <summary>One of the post's log lines, measured after the step's update; null where the step has none.</summary>
    public StepRecord? Log(int step) => null;

    /// <summary>Measures the held-out images.</summary>
    public SplitResult Validate(Muon optimizer);

    /// <summary>Writes the state that neither the step nor the optimizer holds.</summary>
    public void Save(BinaryWriter writer)
    {
    }

    public void Load(BinaryReader reader)
    {
    }
}
