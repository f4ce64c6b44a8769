namespace MnistLstm.Api.Settings;

/// <summary>A name that looks like a setting but is not one, most likely misspelled.</summary>
/// <param name="Name">The name as found: <c>MNIST_WOKERS</c>.</param>
/// <param name="Nearest">The setting that was probably meant; null if none is similar.</param>
public sealed record UnknownSetting(string Name, string? Nearest)
{
    private static readonly string[] ProtectiveWords = ["KEY", "TOKEN", "SECRET", "PASSWORD", "AUTH"];

    /// <summary>Whether ignoring it could leave the service open.</summary>
    public bool LooksProtective => ProtectiveWords.Any(word =>
        Name.Contains(word, StringComparison.OrdinalIgnoreCase)
            || Nearest?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);

    public string Advice => Nearest is null ? "There is no setting of a similar name." : $"Did you mean {Nearest}?";
}
