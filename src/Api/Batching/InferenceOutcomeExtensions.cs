using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Batching;

/// <summary>Maps outcomes to problems.</summary>
public static class InferenceOutcomeExtensions
{
    /// <returns>Null if the request was computed or the client has left.</returns>
    public static Problem? ToProblem(this InferenceOutcome outcome) => outcome switch
    {
        InferenceOutcome.QueueFull => ProblemType.QueueFull.WithDetail("Too many pictures are already waiting."),
        InferenceOutcome.Expired =>
            ProblemType.DeadlinePassed.WithDetail("The deadline passed before the pictures were read."),
        _ => null,
    };
}
