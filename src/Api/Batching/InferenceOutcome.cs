namespace MnistLstm.Api.Batching;

/// <summary>How the wait in an <see cref="InferenceQueue"/> ended.</summary>
public enum InferenceOutcome
{
    /// <summary>Probabilities and logits are there.</summary>
    Computed,

    /// <summary>Refused: too many images wait already.</summary>
    QueueFull,

    /// <summary>Dropped before it was computed whole: its deadline had passed.</summary>
    Expired,

    /// <summary>Dropped before it was computed whole: nobody waits for the answer any more.</summary>
    Abandoned,
}
