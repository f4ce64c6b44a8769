using System.Reflection;
using System.Text;

namespace MnistLstm.Api.Settings;

/// <summary>The output of <c>--help</c> and <c>--version</c>.</summary>
public static class Help
{
    public const string VersionSwitch = "--version";

    /// <summary>Columns of the narrowest terminal.</summary>
    private const int Width = 80;

    public static IReadOnlyList<string> Switches { get; } = ["--help", "-h", "-?"];

    /// <summary>The version, with the commit if it is known: <c>0.1.0+9e107d9d…</c>.</summary>
    public static string Version { get; } =
        typeof(Help).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    public static string Text()
    {
        var text = new StringBuilder(
            $"""
            MNIST LSTM {Version.Split('+')[0]}, a service that reads handwritten digits

            dotnet Api.dll [--SETTING VALUE]...   serves
            dotnet Api.dll --healthcheck          asks the running service if it is ready
            dotnet Api.dll --hash-key < key.txt   hashes a key for --api-keys
            dotnet Api.dll --version              prints the version
            dotnet Api.dll --help                 prints this

            Each setting is an option, an environment variable, or a value in
            appsettings.json beside the program, such as "workers": 2. The option wins
            over the variable, and the variable over the file.


            """);
        foreach (Setting setting in ServiceOptions.Settings)
        {
            text.Append("  ").Append(setting.Option).Append(", ").AppendLine(setting.Variable);
            AppendWrapped(text, $"{setting.Meaning} (takes {setting.Range}; default: {setting.Default})");
        }

        text.AppendLine(
            """

            HTTPS, certificates and several endpoints: Kestrel__Endpoints__... and
            Kestrel__Certificates__...; telemetry: OTEL_...; see docs/operations.md.
            """);
        return text.ToString();
    }

    private static void AppendWrapped(StringBuilder text, string sentence)
    {
        const string Indent = "      ";
        string line = "";
        foreach (string word in sentence.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                text.AppendLine(line);
                line = "";
            }

            line = line.Length == 0 ? Indent + word : $"{line} {word}";
        }

        text.AppendLine(line);
    }
}
