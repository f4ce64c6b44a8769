namespace MnistLstm.Api.Models;

/// <summary>Which model answered.</summary>
/// <param name="Name">Its file's name without the extension.</param>
/// <param name="Version">The same weights have the same version.</param>
public sealed record ModelReference(string Name, string Version);
