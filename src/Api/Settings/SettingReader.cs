using System.Globalization;
using System.Text.RegularExpressions;
using MnistLstm.Shared;

namespace MnistLstm.Api.Settings;

/// <summary>
/// Reads settings and records which exist. The command line takes precedence over the environment, and that over the
/// file.
/// </summary>
public sealed partial class SettingReader(
    IConfiguration environment, IConfiguration? commandLine = null, IConfiguration? file = null)
{
    private const string FileName = "appsettings.json";

    private static readonly (string Suffix, double Seconds)[] DurationUnits =
        [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>The variable for MNIST's folder, which only the trainer and the tests use.</summary>
    private static readonly string[] OtherVariables = ["MNIST_DIR"];

    /// <summary>Top-level keys of ASP.NET Core that the file may contain.</summary>
    private static readonly string[] OtherKeys = ["AllowedHosts", "environment"];

    private readonly List<Setting> _settings = [];

    /// <summary>Every setting read so far.</summary>
    public IReadOnlyList<Setting> Settings => _settings;

    /// <summary>Sections of ASP.NET Core, like Kestrel's endpoints.</summary>
    public IConfiguration Sections { get; } = new ConfigurationBuilder()
        .AddConfiguration(file ?? new ConfigurationManager())
        .AddConfiguration(environment)
        .AddConfiguration(commandLine ?? new ConfigurationManager())
        .Build();

    /// <summary>Reads the command line, the environment and appsettings.json beside the program.</summary>
    /// <exception cref="InvalidSettingException">The file is not JSON.</exception>
    public static SettingReader ForProcess(string[] args)
    {
        IConfiguration environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        IConfiguration commandLine = new ConfigurationBuilder().AddCommandLine(args).Build();
        string name = commandLine["environment"]
            ?? environment["ASPNETCORE_ENVIRONMENT"]
            ?? environment["DOTNET_ENVIRONMENT"]
            ?? "Production";
        try
        {
            IConfiguration file = new ConfigurationBuilder()
                .SetBasePath(AppContext.BaseDirectory)
                .AddJsonFile(FileName, optional: true)
                .AddJsonFile($"appsettings.{name}.json", optional: true)
                .Build();
            return new SettingReader(environment, commandLine, file);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidSettingException($"{e.Message} {e.InnerException?.Message}".TrimEnd());
        }
    }

    public string Text(string name, string fallback, string fallbackInWords, string range, string meaning) =>
        Find(new Setting(name, fallbackInWords, range, meaning))?.Text ?? fallback;

    public bool Switch(string name, bool fallback, string meaning)
    {
        var setting = new Setting(name, fallback ? "true" : "false", "true or false", meaning);
        return Find(setting) is not { } found ? fallback
            : bool.TryParse(found.Text, out bool value) ? value
            : throw Invalid(setting, found);
    }

    /// <param name="parse">Parses one entry; returns null if it is invalid.</param>
    /// <param name="isSecret">Whether an entry might be a secret, so that no message may repeat it.</param>
    public IReadOnlyList<T> List<T>(
        string name, string range, string meaning, Func<string, T?> parse, bool isSecret = false)
        where T : class
    {
        var setting = new Setting(name, "none", range, meaning);
        return Find(setting) is { } found
            ? [.. Entries(found.Text).Select(
                entry => parse(entry) ?? throw Invalid(setting, found with { Text = entry }, isSecret))]
            : [];
    }

    /// <param name="parse">Parses one entry; returns null if it is invalid.</param>
    public IReadOnlyList<T> List<T>(string name, string range, string meaning, Func<string, T?> parse)
        where T : struct
    {
        var setting = new Setting(name, "none", range, meaning);
        return Find(setting) is { } found
            ? [.. Entries(found.Text).Select(
                entry => parse(entry) ?? throw Invalid(setting, found with { Text = entry }))]
            : [];
    }

    public string Choice(string name, IReadOnlyList<string> choices, string meaning)
    {
        var setting = new Setting(name, choices[0], string.Join(" or ", choices), meaning);
        return Find(setting) is not { } found ? choices[0]
            : choices.Contains(found.Text) ? found.Text
            : throw Invalid(setting, found);
    }

    public int Number(string name, int fallback, int min, int max, string meaning, string? fallbackInWords = null)
    {
        var setting =
            new Setting(name, fallbackInWords ?? Invariant($"{fallback}"), Invariant($"{min} to {max}"), meaning);
        return Find(setting) is not { } found ? fallback
            : int.TryParse(found.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                && value >= min && value <= max ? value
            : throw Invalid(setting, found);
    }

    /// <returns>Null if it is not set.</returns>
    public int? Port(string name, string meaning)
    {
        var setting = new Setting(name, "none", "a port", meaning);
        return Find(setting) is not { Text.Length: > 0 } found ? null
            : ushort.TryParse(found.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port
            : throw Invalid(setting, found);
    }

    /// <summary>A number with its unit: <c>250ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max, string meaning)
    {
        var setting = new Setting(name, InWords(fallback), $"{InWords(min)} to {InWords(max)}", meaning);
        return Find(setting) is not { } found ? fallback
            : ParseDuration(found.Text) is { } value && value >= min && value <= max ? value
            : throw Invalid(setting, found);
    }

    /// <summary>The value of a setting and its source; null if it is not set.</summary>
    public SettingValue? Find(Setting setting)
    {
        _settings.Add(setting);
        string variable = setting.Variable;
        if (setting.Prefix == Setting.ServerPrefix && environment[variable] is null)
        {
            variable = variable.Replace(Setting.ServerPrefix, "DOTNET_", StringComparison.Ordinal);
        }

        ReadOnlySpan<SettingValue> values =
        [
            new(commandLine?[setting.Name] ?? "", $"The option {setting.Option}"),
            new(environment[variable] ?? "", $"The environment variable {variable}"),
            new(file?[setting.Name] ?? "", $"The setting '{setting.Name}' in {FileName}"),
        ];
        foreach (SettingValue value in values)
        {
            if (!string.IsNullOrWhiteSpace(value.Text))
            {
                return value with { Text = value.Text.Trim() };
            }
        }

        return null;
    }

    /// <summary>
    /// Finds variables and keys of the file that look like settings but are not. Call it after all settings have been
    /// read.
    /// </summary>
    /// <exception cref="InvalidSettingException">One of them looks like an API key: without it, the service would be
    /// open.</exception>
    public IReadOnlyList<UnknownSetting> FindUnknown()
    {
        string[] variables = [.. _settings.Select(setting => setting.Variable)];
        string[] names = [.. _settings.Select(setting => setting.Name)];

        // .NET's configuration turns two underscores into a colon.
        IEnumerable<string> unknownVariables = environment.AsEnumerable()
            .Where(variable => variable.Value is not null)
            .Select(variable => variable.Key.Replace(":", "__", StringComparison.Ordinal))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Where(name => name.StartsWith(Setting.VariablePrefix, StringComparison.OrdinalIgnoreCase)
                && !ServiceLink().IsMatch(name))
            .Except(variables.Concat(OtherVariables), StringComparer.OrdinalIgnoreCase);
        IEnumerable<string> unknownNames = (file?.GetChildren() ?? [])
            .Where(child => child.Value is not null)
            .Select(child => child.Key)
            .Except(names.Concat(OtherKeys), StringComparer.OrdinalIgnoreCase);

        UnknownSetting[] unknown =
        [
            .. unknownVariables.Select(name => new UnknownSetting(name, NearestName.Find(name, variables))),
            .. unknownNames.Select(name => new UnknownSetting(name, NearestName.Find(name, names))),
        ];
        return unknown.FirstOrDefault(setting => setting.LooksProtective) is { } key
            ? throw new InvalidSettingException(
                $"'{key.Name}' is not a setting. {key.Advice} It looks like a key: if it were ignored, anyone could "
                    + "call the service. "
                + "Correct it or remove it.")
            : unknown;
    }

    private static string[] Entries(string text) =>
        text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static TimeSpan? ParseDuration(string text)
    {
        foreach ((string suffix, double seconds) in DurationUnits)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && uint.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None,
                    CultureInfo.InvariantCulture, out uint count))
            {
                return TimeSpan.FromSeconds(count * seconds);
            }
        }

        return null;
    }

    private static string InWords(TimeSpan duration) => duration switch
    {
        { TotalHours: >= 1, Minutes: 0, Seconds: 0, Milliseconds: 0 } => Invariant($"{duration.TotalHours}h"),
        { TotalMinutes: >= 1, Seconds: 0, Milliseconds: 0 } => Invariant($"{duration.TotalMinutes}m"),
        { Milliseconds: 0 } => Invariant($"{duration.TotalSeconds}s"),
        _ => Invariant($"{duration.TotalMilliseconds}ms"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static InvalidSettingException Invalid(Setting setting, SettingValue found, bool isSecret = false) =>
        new($"{found.Source} takes {setting.Range}, "
            + $"{(isSecret ? "but one of its entries is something else" : $"not '{found.Text}'")}.");

    /// <summary>Kubernetes sets such variables if a service's name begins with mnist-.</summary>
    [GeneratedRegex(
        @"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ServiceLink();
}
