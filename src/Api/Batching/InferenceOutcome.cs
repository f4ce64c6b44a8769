namespace MnistLstm.Api.Batching;

/// <summary>How the wait in an <see cref="InferenceQueue"/> ended.</summary>
public enum InferenceOutcome
{
    /// <summary>Probabilities and logits are there.</summary>
    Computed,

    /// <summary>Rejected: too many images are waiting.</summary>
    QueueFull,

    /// <summary>Dropped before all of it was computed: the deadline had passed.</summary>
    Expired,

    /// <summary>Dropped before all of it was computed: the client had left.</summary>
    Abandoned,
}
