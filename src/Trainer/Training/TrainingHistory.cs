namespace MnistLstm.Trainer.Training;

/// <summary>How a run went, for its report; kept in its checkpoints.</summary>
public sealed class TrainingHistory
{
    /// <summary>Mean training loss of each step's batch, before the update.</summary>
    public List<float> Losses { get; init; } = [];

    public List<StepRecord> LogLines { get; init; } = [];

    public List<EpochRecord> Epochs { get; init; } = [];

    /// <summary>Time spent training, over all parts of a resumed run.</summary>
    public TimeSpan Elapsed { get; set; }
}

/// <summary>One of the post's log lines.</summary>
/// <param name="Step">Counted from 1.</param>
/// <param name="Loss">Mean cross-entropy in nats of the step's batch after the update.</param>
public sealed record StepRecord(int Step, float Loss, float Accuracy);

/// <summary>One pass over the training set, or what there was of the last one.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Step">Steps done at its end.</param>
/// <param name="TrainingLoss">Mean cross-entropy in nats over its steps.</param>
/// <param name="ValidationLoss">Mean cross-entropy in nats on validation.</param>
/// <param name="ValidationAccuracy">0 to 1.</param>
public sealed record EpochRecord(
    int Epoch,
    int Step,
    double LearningRate,
    double TrainingLoss,
    double ValidationLoss,
    double ValidationAccuracy,
    double ImagesPerSecond);
