using System.Diagnostics;

namespace MnistLstm.Deploy.Tests;

/// <summary>Other programs that understand our files better than we do.</summary>
internal static class CommandLine
{
    private static readonly string[] SystemFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

    /// <summary>Path of the program. Skips the test if it is not installed.</summary>
    public static string Find(string program)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{program} is not installed: ./test.sh installs it where it can.");
        return path!;
    }

    /// <summary>Runs a script of this project by Node, with packages that ./test.sh installs.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunNodeAsync(
        string script, params string[] arguments)
    {
        string folder = Repository.PathOf("tests", "Deploy.Tests");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")),
            "The packages are not installed: ./test.sh installs them.");
        return RunAsync(Find("node"), [Path.Combine(folder, script), .. arguments]);
    }

    /// <summary>The same on a file of one's own text.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunNodeOnTextAsync(string script, string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            return await RunNodeAsync(script, file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, params string[] arguments) =>
        ChildProcess.RunAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Root });
}
