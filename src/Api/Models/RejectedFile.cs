namespace MnistLstm.Api.Models;

/// <summary>A file of the model folder that does not serve.</summary>
/// <param name="File">Its name.</param>
/// <param name="Since">When it was found.</param>
/// <param name="Reason">Why, as a sentence.</param>
public sealed record RejectedFile(string File, DateTimeOffset Since, string Reason);
