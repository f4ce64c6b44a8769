namespace MnistLstm.Api.Settings;

/// <summary>The name, default and description of a setting.</summary>
/// <param name="Name">The name in kebab-case: <c>max-batch</c> is <c>--max-batch</c> on the command line.</param>
/// <param name="Default">The default, in words if it depends on the machine.</param>
/// <param name="Range">The values that it accepts.</param>
/// <param name="Meaning">A clause that says what it does.</param>
public sealed record Setting(string Name, string Default, string Range, string Meaning)
{
    public const string VariablePrefix = "MNIST_";

    /// <summary>ASP.NET Core's own settings keep its prefix.</summary>
    public const string ServerPrefix = "ASPNETCORE_";

    public string Prefix { get; init; } = VariablePrefix;

    public string Option => $"--{Name}";

    /// <summary>The environment variable: <c>max-batch</c> is <c>MNIST_MAX_BATCH</c>.</summary>
    public string Variable => Prefix + Name.Replace('-', '_').ToUpperInvariant();
}
