using System.Text;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Tests;

/// <summary>What the trainer does where libtorch does not load or computes wrong results.</summary>
public sealed class LibtorchTests : IDisposable
{
    private const string LimitVariable = "ONEDNN_MAX_CPU_ISA";
    private static readonly string Tests = Path.Combine(AppContext.BaseDirectory, "Trainer.Tests.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    private string Model => Path.Combine(_folder.FullName, "seed.onnx");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Where_the_system_s_library_is_too_old_one_sentence_says_so()
    {
        OnlyOnLinux();
        BuildTrainerThatNeeds("GLIBCXX_3.4.99");

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            Train(_folder.FullName, steps: 10), program: Path.Combine(_folder.FullName, "Trainer.dll"));

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldStartWith(
            "libtorch does not load: this system's libstdc++.so.6 lacks GLIBCXX_3.4.99. Train on Debian 12, Ubuntu 22.04 or a newer Linux, or in a container: ");
        result.Error.ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();
    }

    /// <summary>A trainer in this test's folder whose native half asks for a version of libstdc++ that there is not yet.</summary>
    private void BuildTrainerThatNeeds(string version)
    {
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Concat(Directory.GetFiles(AppContext.BaseDirectory, "Trainer.*.json")))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }

        string native = Path.Combine("runtimes", "linux-x64", "native");
        DirectoryInfo copy = _folder.CreateSubdirectory(native);
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, native)))
        {
            File.CreateSymbolicLink(Path.Combine(copy.FullName, Path.GetFileName(file)), file);
        }

        string binding = Path.Combine(copy.FullName, "libLibTorchSharp.so");
        byte[] bytes = File.ReadAllBytes(binding);
        Encoding.ASCII.GetBytes(version).CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("GLIBCXX_3.4.30"u8)));
        File.Delete(binding);
        File.WriteAllBytes(binding, bytes);
    }

    private string[] Train(string data, int steps) =>
    [
        "train", "--preset", "seed", "--hidden-size", "16", "--batch-size", "64", "--steps", $"{steps}", "--data", data, "--output", Model,
    ];

    private static void OnlyOnLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The trainer starts itself again on Linux only.");
}
