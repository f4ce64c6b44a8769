using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MnistLstm.Deploy.Tests;

/// <summary>Reads the Dockerfile.</summary>
internal static partial class Dockerfile
{
    /// <summary>User <c>app</c> of the .NET images, their <c>APP_UID</c>.</summary>
    public const int User = 1654;

    public static string Text { get; } = File.ReadAllText(Repository.PathOf("Dockerfile"));

    public static int Port { get; } = int.Parse(Expose().Match(Text).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    public static int GrpcPort { get; } =
        int.Parse(Expose().Matches(Text)[1].Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    public static string ProductVersion { get; } = XDocument.Load(Repository.PathOf("Directory.Build.props"))
        .Descendants("Version").Single().Value;

    /// <summary>Names of the stages, in order.</summary>
    public static IReadOnlyList<string> Stages { get; } =
        [.. From().Matches(Text).Select(stage => stage.Groups["name"].Value)];

    [GeneratedRegex(@"^EXPOSE (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Expose();

    [GeneratedRegex(@"^FROM .* AS (?<name>\S+)$", RegexOptions.Multiline)]
    private static partial Regex From();
}
