using System.Diagnostics;
using MnistLstm.Api.Operations;

namespace MnistLstm.Api.Tests;

/// <summary>The program as it is started by a person: what it says and what it ends with.</summary>
public sealed class StartupTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Api.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_missing_model_folder_is_named_in_one_sentence()
    {
        (int exitCode, string error) = await RunAsync("--model-folder", "/no/such/folder");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe("There is no model folder '/no/such/folder'. Name the folder with the *.onnx files: --model-folder FOLDER.");
    }

    [Fact]
    public async Task An_empty_model_folder_is_refused()
    {
        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith($"There is no model in '{_folder.FullName}'.");
    }

    [Fact]
    public async Task A_broken_model_is_refused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "digits.onnx"), "no model");

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith($"The model '{Path.Combine(_folder.FullName, "digits.onnx")}' is not an ONNX file that can be loaded");
        error.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_model_with_other_tensors_is_refused_by_the_name_of_the_tensor()
    {
        byte[] model = await File.ReadAllBytesAsync(Repository.PathOf("models", "digits.onnx"));
        Rename(model, "logits", "logitz");
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "digits.onnx"), model);

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldContain("output 'logits' is missing");
    }

    [Fact]
    public async Task A_default_model_that_does_not_exist_is_refused_with_the_names_that_do()
    {
        (int exitCode, string error) = await RunAsync("--default-model", "letters");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe("There is no model 'letters' to be the default. Choose one of digits, seed: --default-model NAME.");
    }

    [Fact]
    public async Task The_only_model_is_the_default_whatever_its_name()
    {
        File.Copy(Repository.PathOf("models", "seed.onnx"), Path.Combine(_folder.FullName, "mine.onnx"));

        await using RunningService service = await RunningService.StartAsync("--model-folder", _folder.FullName);

        service.Models.Default.Name.ShouldBe("mine");
    }

    [Theory]
    [InlineData("--workers", "many", "The setting 'workers' (--workers or MNIST_WORKERS) takes 1 to 256, not 'many'.")]
    [InlineData("--max-batch", "0", "The setting 'max-batch' (--max-batch or MNIST_MAX_BATCH) takes 1 to 1024, not '0'.")]
    [InlineData("--request-timeout", "5", "The setting 'request-timeout' (--request-timeout or MNIST_REQUEST_TIMEOUT) takes 1ms to 1h, not '5'.")]
    public async Task A_setting_that_cannot_be_used_is_named_with_its_range(string option, string value, string sentence)
    {
        (int exitCode, string error) = await RunAsync(option, value);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(sentence);
    }

    [Fact]
    public async Task A_setting_from_the_environment_is_checked_as_well()
    {
        (int exitCode, string error) = await RunAsync([], ("MNIST_QUEUE_LENGTH", "-3"));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith("The setting 'queue-length' (--queue-length or MNIST_QUEUE_LENGTH) takes 1 to 1000000, not '-3'");
    }

    [Theory]
    [InlineData("Unknown option '--wokers'. There are", "--wokers", "2")]
    [InlineData("The option '--workers' needs a value.", "--workers")]
    [InlineData("Unexpected 'workers' on the command line", "workers", "2")]
    public async Task A_command_line_with_a_slip_is_refused(string sentence, params string[] args)
    {
        (int exitCode, string error) = await RunAsync(args);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith(sentence);
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_one_sentence()
    {
        await using RunningService first = await RunningService.StartAsync();

        (int exitCode, string error) = await RunAsync("--urls", first.Address.ToString());

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldContain("address already in use");
        error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task The_health_check_asks_the_running_service()
    {
        await using RunningService service = await RunningService.StartAsync();
        string port = service.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        (int healthy, _) = await RunAsync(["--healthcheck"], ("ASPNETCORE_HTTP_PORTS", port));
        (int healthyByUrls, _) = await RunAsync("--healthcheck", "--urls", $"http://*:{port}");
        await service.DisposeAsync();
        (int unhealthy, _) = await RunAsync(["--healthcheck"], ("ASPNETCORE_HTTP_PORTS", port));

        healthy.ShouldBe(ExitCodes.Success);
        healthyByUrls.ShouldBe(ExitCodes.Success);
        unhealthy.ShouldBe(ExitCodes.Unhealthy);
    }

    [Fact]
    public async Task Nothing_is_written_to_the_user_s_home()
    {
        // A model without its card stops the program after the run time of the models has been set up.
        byte[] model = await File.ReadAllBytesAsync(Repository.PathOf("models", "seed.onnx"));
        Rename(model, "model_card", "model_cord");
        string models = _folder.CreateSubdirectory("models").FullName;
        string home = _folder.CreateSubdirectory("home").FullName;
        await File.WriteAllBytesAsync(Path.Combine(models, "digits.onnx"), model);

        (int exitCode, string error) = await RunAsync(["--model-folder", models], ("HOME", home), ("XDG_CACHE_HOME", ""));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldContain("metadata 'model_card' is missing");
        Directory.EnumerateFileSystemEntries(home).ShouldBeEmpty();
    }

    private static void Rename(byte[] model, string from, string to)
    {
        byte[] old = System.Text.Encoding.ASCII.GetBytes(from);
        byte[] @new = System.Text.Encoding.ASCII.GetBytes(to);
        for (int at; (at = model.AsSpan().IndexOf(old)) >= 0;)
        {
            @new.CopyTo(model, at);
        }
    }

    private static Task<(int ExitCode, string Error)> RunAsync(params string[] args) => RunAsync(args, []);

    private static async Task<(int ExitCode, string Error)> RunAsync(string[] args, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, error.Trim());
    }
}
