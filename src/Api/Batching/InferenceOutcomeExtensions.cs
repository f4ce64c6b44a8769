using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Batching;

/// <summary>The problems of outcomes other than an answer.</summary>
public static class InferenceOutcomeExtensions
{
    /// <returns>Null where there is nothing to tell, or nobody to tell it to.</returns>
    public static Problem? ToProblem(this InferenceOutcome outcome) => outcome switch
    {
        InferenceOutcome.QueueFull => ProblemType.QueueFull.Because("Too many pictures are waiting already."),
        InferenceOutcome.Expired =>
            ProblemType.DeadlinePassed.Because("The time of the request was over before its pictures were read."),
        _ => null,
    };
}
