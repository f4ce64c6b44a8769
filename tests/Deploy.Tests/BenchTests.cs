using MnistLstm.Faults;
using MnistLstm.Growth;
using MnistLstm.Shared.Models;

namespace MnistLstm.Deploy.Tests;

/// <summary>The measurements follow the files of the deployment and the models when these change.</summary>
public sealed class BenchTests
{
    private const int Hidden = 8;

    [Fact]
    public async Task The_run_with_replicas_reaches_them_through_nginx()
    {
        string program = CommandLine.Find("nginx");
        await using RunningService service = await RunningService.StartAsync();
        int port = service.Client.BaseAddress!.Port;

        using Nginx nginx = await Nginx.StartAsync(
            program, Repository.PathOf("deploy", "nginx"), port, port, port);
        using var client = new HttpClient { BaseAddress = nginx.Address };

        (await client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken)).ShouldContain("ready");
    }

    [Fact]
    public async Task The_files_that_fuzzing_starts_from_have_no_fault()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The memory of a process is read from /proc.");
        string dotnet = CommandLine.Find("dotnet");
        string fuzz = Path.Combine(AppContext.BaseDirectory, "Fuzz.dll");
        DirectoryInfo seeds = Directory.CreateTempSubdirectory("mnist-lstm-seeds-");
        try
        {
            (await CommandLine.RunAsync(dotnet, fuzz, "seeds", seeds.FullName)).ExitCode.ShouldBe(0);

            (int exitCode, string output, _) = await CommandLine.RunAsync(
                dotnet, [fuzz, "replay", .. seeds.GetDirectories().Select(format => format.FullName)]);

            exitCode.ShouldBe(0, output);
            output.ShouldContain("files were read again, 0 with a fault");
        }
        finally
        {
            seeds.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_float_model_can_get_another_hidden_size()
    {
        string file = Path.GetTempFileName();
        try
        {
            byte[] model = await File.ReadAllBytesAsync(
                Repository.PathOf("models", "digits-float.onnx"), TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(
                file, ResizedModel.Write(model, Hidden), TestContext.Current.CancellationToken);

            using DigitClassifier classifier = DigitClassifier.Load(file);
            using ClassifierBatch batch = classifier.CreateBatch(1);
            Should.NotThrow(() => batch.Run(1));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
