namespace MnistLstm.Api.Models;

/// <summary>A rejected file of the model folder.</summary>
/// <param name="File">Its name.</param>
/// <param name="Since">Time of the rejection.</param>
/// <param name="Reason">The reason, as a sentence.</param>
public sealed record RejectedFile(string File, DateTimeOffset Since, string Reason);
