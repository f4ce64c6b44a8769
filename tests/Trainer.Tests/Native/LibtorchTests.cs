using System.Text;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Tests.Reports;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Native;

/// <summary>Tests the trainer on systems where libtorch does not load or computes wrong results.</summary>
public sealed class LibtorchTests : IDisposable
{
    private const string LimitVariable = "ONEDNN_MAX_CPU_ISA";
    private const string Native = "runtimes/linux-x64/native";
    private const string Binding = "libLibTorchSharp.so";
    private static readonly string Tests = Path.Combine(AppContext.BaseDirectory, "Trainer.Tests.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    private string Model => Path.Combine(_folder.FullName, "seed.onnx");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_kernels_agree_with_double_precision()
    {
        (string What, double Difference, double Tolerance)[] measured = [.. KernelCheck.Measure()];

        measured.Length.ShouldBeOneOf(5, 10); // with bfloat16
        measured.ShouldAllBe(m => m.Difference > 0 && m.Difference < m.Tolerance);
        measured.Where(m => m.What.EndsWith("Float32", StringComparison.Ordinal))
            .ShouldAllBe(m => m.Difference < 0.1 * m.Tolerance);
    }

    [Fact]
    public void A_result_that_is_not_a_number_differs_though_others_agree()
    {
        using Tensor one = ones(2, ScalarType.Float64);
        using Tensor nan = tensor([1, float.NaN]);

        KernelCheck.Difference([one, nan], [one, one]).ShouldBe(double.NaN);
    }

    [Fact]
    public async Task If_the_fast_kernels_are_wrong_it_trains_with_AVX2_and_the_card_says_so()
    {
        OnlyOnLinux();
        string[] environment = [];

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            Train(MnistImages.Folder, steps: 10),
            [.. WrongKernels("fast"), ("ONEDNN_VERBOSE", "1")],
            seen: (line, process) => environment = line.StartsWith("step: 10 ", StringComparison.Ordinal)
                ? File.ReadAllText($"/proc/{process.Id}/environ").Split('\0')
                : environment);

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Error.ShouldMatch(
            "^libtorch's kernels compute wrong results on this processor: "
            + "an LSTM of 16 units in Float32 is off by [0-9.E-]+. "
            + "Going on with its AVX2 kernels.$");
        environment.ShouldContain($"{LimitVariable}=AVX2");
        result.Output.Last(line => line.Contains("cpu,isa:", StringComparison.Ordinal))
            .ShouldEndWith("cpu,isa:Intel AVX2");
        ModelCard card = ModelCard.FromJson(await File.ReadAllTextAsync(Path.ChangeExtension(Model, ".card.json")));
        card.Run!.Kernels.ShouldBe("oneDNN, limited to AVX2");
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_checkpoint_there_too()
    {
        OnlyOnLinux();

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            Train(MnistImages.Folder, steps: 100_000),
            WrongKernels("fast"),
            seen: (line, process) =>
            {
                if (line.StartsWith("step: 10 ", StringComparison.Ordinal))
                {
                    TrainerProgram.Interrupt(process);
                }
            });

        result.ExitCode.ShouldBe(ExitCodes.Interrupted);
        string checkpoint = Path.Combine(_folder.FullName, "checkpoints", "seed.checkpoint");
        result.Error.ShouldEndWith("Stopped. Add --resume to the same command to continue.");
        File.Exists(checkpoint).ShouldBeTrue();
        File.Exists(Model).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_correct_kernels_nothing_is_trained()
    {
        OnlyOnLinux();

        TrainerProgram.Result result =
            await TrainerProgram.RunAsync(Train(_folder.FullName, steps: 10), WrongKernels("all"));

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.Split('\n').Length.ShouldBe(2);
        result.Error.ShouldMatch(
            "libtorch computes wrong results on this processor, with its AVX2 kernels too: .*. "
            + "Train on another machine.$");
        _folder.EnumerateFiles("*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_tests_run_with_the_kernels_that_the_trainer_uses()
    {
        OnlyOnLinux();

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            ["--filter-class", typeof(ChartAreaTests).FullName!], WrongKernels("fast"), program: Tests);

        result.ExitCode.ShouldBe(ExitCodes.Success, string.Join('\n', result.Output));
        result.Error.ShouldEndWith("Going on with its AVX2 kernels.");
    }

    [Fact]
    public void The_binding_requires_the_version_that_is_made_optional_in_one_place()
    {
        OnlyOnLinux();
        ReadOnlySpan<byte> binding = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Native, Binding));

        binding.Count(NativeBinding.Required).ShouldBe(1);
    }

    [Fact]
    public async Task A_system_library_that_is_too_old_is_reported_in_one_sentence()
    {
        OnlyOnLinux();
        BuildTrainerThatNeeds("GLIBCXX_3.4.99");

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            Train(_folder.FullName, steps: 10), program: Path.Combine(_folder.FullName, "Trainer.dll"));

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldStartWith(
            "libtorch does not load: this system's libstdc++.so.6 lacks GLIBCXX_3.4.99. "
            + "Train on Debian 12, Ubuntu 22.04 or a newer Linux, or in a container: ");
        result.Error.ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_library_is_named_in_one_sentence()
    {
        OnlyOnLinux();
        BuildTrainerThatNeeds("GLIBCXX_3.4.30");
        File.Delete(Path.Combine(_folder.FullName, Native, "libc10.so"));

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            Train(_folder.FullName, steps: 10), program: Path.Combine(_folder.FullName, "Trainer.dll"));

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldBe(
            "libtorch does not load: libc10.so is missing. If it is one of the system's, install it; "
            + "if not, build the trainer again, which brings it.");
    }

    [Theory]
    [InlineData("win-x64")]
    [InlineData("linux-arm64")]
    public void On_unsupported_systems_one_sentence_names_the_supported_ones(string platform) =>
        Libtorch.DescribeMissing(platform).ShouldBe(
            $"There is no libtorch for {platform} that works. Train on Linux with an x64 processor, or on a Mac with "
            + $"an arm64 one; "
            + "the model file is the same everywhere.");

    [Fact]
    public void A_call_that_makes_libtorch_warn_still_computes()
    {
        using Tensor cube = zeros(2, 3, 4);

        cube.T.shape.ShouldBe([4, 3, 2]); // "The use of `x.T` on tensors of dimension other than 2 …"
    }

    [Fact]
    public async Task Warnings_of_libtorch_are_not_shown()
    {
        OnlyOnLinux();

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            ["--filter-method", $"*{nameof(A_call_that_makes_libtorch_warn_still_computes)}"], program: Tests);

        result.ExitCode.ShouldBe(ExitCodes.Success, string.Join('\n', result.Output));
        result.Error.ShouldBeEmpty();
    }

    /// <summary>Copies the trainer to this test's folder and makes it require another version of libstdc++.</summary>
    private void BuildTrainerThatNeeds(string version)
    {
        string[] libraries = Directory.GetFiles(AppContext.BaseDirectory, "*.dll");
        foreach (string file in libraries.Concat(Directory.GetFiles(AppContext.BaseDirectory, "Trainer.*.json")))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }

        DirectoryInfo copy = _folder.CreateSubdirectory(Native);
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, Native)))
        {
            File.CreateSymbolicLink(Path.Combine(copy.FullName, Path.GetFileName(file)), file);
        }

        string binding = Path.Combine(copy.FullName, Binding);
        byte[] bytes = File.ReadAllBytes(binding);
        Encoding.ASCII.GetBytes(version).CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("GLIBCXX_3.4.30"u8)));
        File.Delete(binding);
        File.WriteAllBytes(binding, bytes);
    }

    private string[] Train(string data, int steps) =>
    [
        "train", "--preset", "seed", "--hidden-size", "16", "--batch-size", "64", "--steps", $"{steps}",
        "--data", data, "--output", Model,
    ];

    private static (string Name, string Value)[] WrongKernels(string which) =>
        [("DOTNET_STARTUP_HOOKS", Tests), ("WRONG_KERNELS", which), (LimitVariable, "")];

    private static void OnlyOnLinux() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The trainer starts itself again on Linux only.");
}
