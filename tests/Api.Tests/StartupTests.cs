using System.Text.Json;
using System.Text.RegularExpressions;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests;

/// <summary>The program as it is started by a person: what it says and what it ends with.</summary>
public sealed partial class StartupTests(InstalledProgram program) : IClassFixture<InstalledProgram>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_missing_model_folder_is_named_in_one_sentence()
    {
        (int exitCode, string error) = await RunAsync("--model-folder", "/no/such/folder");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            "There is no model folder '/no/such/folder'. Name the folder with the *.onnx files: --model-folder "
            + "FOLDER.");
    }

    [Fact]
    public async Task An_empty_model_folder_is_rejected()
    {
        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith($"There is no model in '{_folder.FullName}'.");
    }

    [Fact]
    public async Task A_model_that_is_a_link_to_itself_is_rejected_in_one_sentence()
    {
        string path = Path.Combine(_folder.FullName, "digits.onnx");
        File.CreateSymbolicLink(path, path);

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith($"The models in '{_folder.FullName}' cannot be read: ");
        error.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_broken_model_is_rejected()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "digits.onnx"), "no model");

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith(
            $"The model '{Path.Combine(_folder.FullName, "digits.onnx")}' is not an ONNX file that can be loaded");
        error.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_model_with_other_tensors_is_rejected_by_the_name_of_the_tensor()
    {
        await File.WriteAllBytesAsync(
            Path.Combine(_folder.FullName, "digits.onnx"), new OnnxFile { Logits = "scores" }.ToBytes());

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldContain("output 'logits' is missing");
    }

    [Fact]
    public async Task A_model_that_misreads_the_built_in_sample_is_rejected()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "digits.onnx"), new OnnxFile().ToBytes());

        (int exitCode, string error) = await RunAsync("--model-folder", _folder.FullName);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith("The model 'digits' reads the built-in sample of a 3 as 0, so it cannot serve.");
    }

    [Fact]
    public async Task A_default_model_that_does_not_exist_is_rejected_with_the_names_that_do()
    {
        (int exitCode, string error) = await RunAsync("--default-model", "letters");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            "There is no model 'letters' to be the default. Choose one of digits, digits-float, seed: --default-model "
            + "NAME.");
    }

    [Fact]
    public async Task The_only_model_is_the_default_whatever_its_name()
    {
        File.Copy(Repository.PathOf("models", "seed.onnx"), Path.Combine(_folder.FullName, "mine.onnx"));

        await using RunningService service = await RunningService.StartAsync("--model-folder", _folder.FullName);

        service.Models.Default.Name.ShouldBe("mine");
    }

    [Fact]
    public async Task The_first_lines_of_the_log_are_as_documented_each_with_a_time()
    {
        await using ServiceProcess service = await program.StartAsync(["--shutdown-grace", "0s"]);
        await service.SaysAsync("Draw a digit");
        service.Terminate();
        await service.ExitAsync();

        string[] lines = service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldAllBe(line => Stamp().IsMatch(line));
        string[] messages = [.. lines.Select(line => Stamp().Replace(line, ""))];
        string address = service.Address.ToString();
        string documented = LogBlock()
            .Match(await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"))).Groups[1].Value
            .Replace($"{ServerAddress.Default}/", address, StringComparison.Ordinal)
            .Replace(ServerAddress.Default, address.TrimEnd('/'), StringComparison.Ordinal);
        messages[..7].ShouldBe(
            documented.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Stamp().Replace(line, "")));
        messages[7..].ShouldAllBe(line => line.StartsWith("info: MnistLstm.Api.Health.Shutdown["));
    }

    [Fact]
    public async Task The_log_says_which_address_is_that_of_gRPC()
    {
        int port = FaultTests.FreePort();
        await using ServiceProcess service = await program.StartAsync(["--grpc-port", $"{port}"]);
        await service.SaysAsync("Draw a digit");

        service.Output.ShouldContain($"Now listening on: http://127.0.0.1:{port} (gRPC)\n");
        service.Output.ShouldContain($"Now listening on: {service.Address.ToString().TrimEnd('/')}\n");
    }

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://0.0.0.0:0")]
    public async Task The_page_has_an_address_that_a_browser_accepts(string address)
    {
        await using ServiceProcess service = await program.StartAsync(["--urls", address]);
        await service.SaysAsync("Draw a digit");

        string page = $"http://localhost:{service.Address.Port}/";
        service.Output.ShouldContain($"Draw a digit at {page}, or try the API at {page}swagger");
    }

    [Fact]
    public async Task The_log_in_JSON_has_a_time_on_every_line_and_the_figures_as_numbers()
    {
        string hash = new('a', 64);
        await using ServiceProcess service = await program.StartAsync(["--log-format", "json", "--api-keys", hash]);
        await service.SaysAsync("Draw a digit");

        JsonElement[] lines = [.. service.Output.Split(
            '\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        lines.ShouldAllBe(
            line => line.GetProperty("Timestamp").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddHours(-1));
        lines.Single(line => line.GetProperty("EventId").GetInt32() == 5)
            .GetProperty("State").GetProperty("Count").GetInt32().ShouldBe(1);
        lines.First(line => line.GetProperty("EventId").GetInt32() == 3)
            .GetProperty("State").GetProperty("Accuracy").GetDouble()
            .ShouldBe(Card("digits").Test.Accuracy);
    }

    [Fact]
    public async Task Nothing_is_written_to_the_user_s_home()
    {
        // A model without its card stops the program after the run time of the models has been set up.
        string models = _folder.CreateSubdirectory("models").FullName;
        string home = _folder.CreateSubdirectory("home").FullName;
        await File.WriteAllBytesAsync(
            Path.Combine(models, "digits.onnx"), new OnnxFile { Card = null }.ToBytes());

        (int exitCode, string error) =
            await RunAsync(["--model-folder", models], ("HOME", home), ("XDG_CACHE_HOME", ""));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldContain("metadata 'model_card' is missing");
        Directory.EnumerateFileSystemEntries(home).ShouldBeEmpty();
    }

    private static ModelCard Card(string model) =>
        ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", $"{model}.card.json")));

    private Task<(int ExitCode, string Error)> RunAsync(params string[] args) => RunAsync(args, []);

    private async Task<(int ExitCode, string Error)> RunAsync(
        string[] args, params (string Name, string Value)[] variables)
    {
        (int exitCode, _, string error) = await program.RunAsync(args, variables);
        return (exitCode, error);
    }

    [GeneratedRegex("```text\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex LogBlock();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")]
    private static partial Regex Stamp();
}
