using System.Diagnostics;

namespace MnistLstm.Api.Tests;

/// <summary>
/// A copy of the program where a person may put it, in a folder with a space and an umlaut, run with Turkish settings.
/// </summary>
public sealed class InstalledProgram : IDisposable
{
    private static readonly (string Name, string Value)[] Language =
        [("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mnist-lstm-");

    public InstalledProgram()
    {
        // artifacts/bin/Api.Tests/release → artifacts/bin/Api/release
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        Copy(Path.Combine(tests.Parent!.Parent!.FullName, "Api", tests.Name), Folder);
        string models = Path.Combine(Folder, "models");
        Directory.CreateDirectory(models);
        foreach (string file in Directory.GetFiles(Repository.PathOf("models"), "*.onnx"))
        {
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        }
    }

    public string Folder => Path.Combine(_root.FullName, "Ziffern für alle");

    /// <summary>A home folder without a developer certificate.</summary>
    public string Home => _root.FullName;

    /// <summary>Runs the program until it ends by itself.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => RunAsync(args, []);

    public Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] args, params (string Name, string Value)[] variables) =>
        RunInAsync([], args, variables);

    /// <param name="wrapper">A program that runs the command behind it.</param>
    public async Task<(int ExitCode, string Output, string Error)> RunInAsync(
        string[] wrapper, string[] args, params (string Name, string Value)[] variables)
    {
        string[] command = [.. wrapper, "dotnet", Path.Combine(Folder, "Api.dll"), .. args];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Folder };
        foreach ((string name, string value) in Language.Concat(variables))
        {
            start.Environment[name] = value;
        }

        (int exitCode, string output, string error) = await ChildProcess.RunAsync(start);
        return (exitCode, output, error.Trim());
    }

    /// <summary>Starts the program on a free port and waits until it listens.</summary>
    internal Task<ServiceProcess> StartAsync(string[] args, params (string Name, string Value)[] variables) =>
        ServiceProcess.StartAsync(Path.Combine(Folder, "Api.dll"), args, [.. Language, .. variables]);

    public void Dispose() => _root.Delete(recursive: true);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
