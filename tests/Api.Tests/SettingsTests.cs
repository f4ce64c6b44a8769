using System.Text.RegularExpressions;
using MnistLstm.Api.Access;
using MnistLstm.Api.Health;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Tests;

/// <summary>Tests the sources of settings, their precedence and unknown names.</summary>
public sealed partial class SettingsTests(InstalledProgram program) : IClassFixture<InstalledProgram>
{
    /// <summary>Columns of the narrowest terminal.</summary>
    private const int Columns = 80;

    [Theory]
    [InlineData("--workers", "many", "The option --workers takes 1 to 256, not 'many'.")]
    [InlineData("--max-batch", "0", "The option --max-batch takes 1 to 1024, not '0'.")]
    [InlineData("--request-timeout", "5", "The option --request-timeout takes 1ms to 1h, not '5'.")]
    [InlineData("--metrics", "prometheus", "The option --metrics takes true or false, not 'prometheus'.")]
    public async Task A_setting_that_cannot_be_used_is_named_with_its_range(
        string option, string value, string sentence)
    {
        (int exitCode, string output, string error) = await program.RunAsync(option, value);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(sentence);
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_option_overrides_the_variable_and_that_the_file_and_the_message_names_the_source()
    {
        string file = Path.Combine(program.Folder, "appsettings.json");
        await File.WriteAllTextAsync(file, """{ "workers": "from the file" }""", TestContext.Current.CancellationToken);
        try
        {
            (_, _, string byFile) = await program.RunAsync();
            (_, _, string byVariable) = await program.RunAsync([], ("MNIST_WORKERS", "from the variable"));
            (_, _, string byOption) = await program.RunAsync(
                ["--workers", "from the option"], ("MNIST_WORKERS", "from the variable"));

            byFile.ShouldBe("The setting 'workers' in appsettings.json takes 1 to 256, not 'from the file'.");
            byVariable.ShouldBe("The environment variable MNIST_WORKERS takes 1 to 256, not 'from the variable'.");
            byOption.ShouldBe("The option --workers takes 1 to 256, not 'from the option'.");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("""{ "workers": 2, }""", "appsettings.json")]
    [InlineData("""{ "api-key": "abc" }""", "'api-key' is not a setting. Did you mean api-keys? It looks like a key:")]
    public async Task A_file_of_settings_with_a_typo_is_rejected(string json, string sentence)
    {
        string file = Path.Combine(program.Folder, "appsettings.json");
        await File.WriteAllTextAsync(
            file, json + (json.Contains("api-key") ? "" : "}"), TestContext.Current.CancellationToken);
        try
        {
            (int exitCode, _, string error) = await program.RunAsync();

            exitCode.ShouldBe(ExitCodes.BadInput);
            error.ShouldContain(sentence);
            error.ShouldNotContain("\n");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("MNIST_API_KEY", "MNIST_API_KEYS")]
    [InlineData("MNIST_API_KYES", "MNIST_API_KEYS")]
    [InlineData("MNIST__API_KEYS", "MNIST_API_KEYS")]
    [InlineData("MNIST_API__KEYS", "MNIST_API_KEYS")]
    [InlineData("mnist_apikeys", "MNIST_API_KEYS")]
    [InlineData("MNIST_API_KEYS_FILE", "MNIST_API_KEY_FILE")]
    [InlineData("MNIST_METRICS_NEED_KY", "MNIST_METRICS_NEED_KEY")]
    public async Task A_misspelled_key_setting_does_not_leave_the_service_open(string variable, string meant)
    {
        (int exitCode, string output, string error) = await program.RunAsync([], (variable, "a secret of mine"));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            $"'{variable}' is not a setting. Did you mean {meant}? It looks like a key: if it were ignored, anyone "
                + "could call the service. "
            + "Correct it or remove it.");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_instead_of_its_hash_is_rejected_and_not_echoed()
    {
        (int exitCode, _, string error) = await program.RunAsync([], ("MNIST_API_KEYS", "a-secret-of-mine"));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            "The environment variable MNIST_API_KEYS takes SHA-256 hashes from --hash-key, with commas between, "
            + "but one of its entries is something else.");
    }

    [Fact]
    public async Task Only_variables_with_the_prefix_count_and_unknown_ones_are_reported_with_the_nearest_setting()
    {
        await using ServiceProcess service = await program.StartAsync(
            [],
            ("WORKERS", "nonsense"), ("METRICS", "prometheus"), ("API-KEYS", "nonsense"),
            ("ASPNETCORE_WORKERS", "nonsense"),
            ("MNIST_WOKERS", "3"), ("MNIST_FAVORITE_COLOR", "green"),
            ("MNIST_DIR", "/data"), ("MNIST_LSTM_SERVICE_HOST", "10.0.0.1"),
            ("MNIST_LSTM_PORT_80_TCP_ADDR", "10.0.0.1"));
        await service.SaysAsync("Draw a digit");

        string[] warnings = [.. service.Output.Split('\n').Where(
            line => line.Contains("warn:")).Select(line => line[line.IndexOf("] ", StringComparison.Ordinal)..])];
        warnings.ShouldBe(
        [
            "] MNIST_FAVORITE_COLOR is not a setting and is ignored. There is no setting of a similar name.",
            "] MNIST_WOKERS is not a setting and is ignored. Did you mean MNIST_WORKERS?",
        ]);
    }

    [Theory]
    [InlineData("Unknown option '--wokers'. Did you mean --workers? --help lists all options.", "--wokers", "2")]
    [InlineData("Unknown option '--favorite-color'. --help lists all options.", "--favorite-color", "green")]
    [InlineData("The option '--workers' needs a value.", "--workers")]
    [InlineData("Unexpected 'workers' on the command line", "workers", "2")]
    [InlineData("Unexpected '-w=2' on the command line", "-w=2")]
    [InlineData("Unknown option '--wokers'. Did you mean --workers?", "--healthcheck", "--wokers", "2")]
    public async Task A_command_line_with_a_typo_is_rejected(string sentence, params string[] args)
    {
        (int exitCode, _, string error) = await program.RunAsync(args);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith(sentence);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--urls", "nonsense", "--help")]
    public async Task Help_lists_every_setting_with_its_variable_default_and_meaning(params string[] args)
    {
        (int exitCode, string output, string error) = await program.RunAsync(args, ("MNIST_WORKERS", "nonsense"));

        exitCode.ShouldBe(ExitCodes.Success);
        error.ShouldBeEmpty();
        output.Split('\n').ShouldAllBe(line => line.Length <= Columns);
        string text = Whitespace().Replace(output, " ");
        ServiceOptions.Settings.Count.ShouldBeGreaterThan(30);
        foreach (Setting setting in ServiceOptions.Settings)
        {
            text.ShouldContain($"{setting.Option}, {setting.Variable} {setting.Meaning} (takes {setting.Range}; "
                + $"default: {setting.Default})");
        }

        foreach (string option in new[] { HealthCheck.Switch, KeyHashCommand.Switch, Help.VersionSwitch })
        {
            text.ShouldContain(option);
        }
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        (int exitCode, string output, string error) = await program.RunAsync("--version");

        exitCode.ShouldBe(ExitCodes.Success);
        output.ShouldMatch(@"^\d+\.\d+\.\d+(\+[0-9a-f]{40})?\n$");
        error.ShouldBeEmpty();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
