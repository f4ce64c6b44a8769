namespace MnistLstm.Trainer.Training;

/// <summary>Callbacks for the progress of training.</summary>
/// <param name="Noted">A line about a stage that begins, or about a teacher.</param>
public sealed record TrainingObserver(
    Action<TrainingProgress> Stepped,
    Action<StepRecord> Logged,
    Action<EpochRecord> EpochEnded,
    Action<string> Noted)
{
    public static TrainingObserver None { get; } = new(_ => { }, _ => { }, _ => { }, _ => { });
}

/// <param name="Step">Steps done.</param>
/// <param name="AllSteps">The same, with those of the stages before.</param>
/// <param name="Loss">Mean cross-entropy in nats of the last batch.</param>
/// <param name="ImagesPerSecond">Since the run started or was resumed.</param>
public readonly record struct TrainingProgress(
    int Step, int AllSteps, int TotalSteps, float Loss, double ImagesPerSecond, TimeSpan TimeLeft);
