namespace MnistLstm.Api.Models;

/// <summary>The model that answered.</summary>
/// <param name="Name">Its file's name without the extension.</param>
/// <param name="Version">The same weights have the same version.</param>
public sealed record ModelReference(string Name, string Version);
