using System.Globalization;

namespace MnistLstm.Api.Operations;

/// <summary>Reads settings from the command line and the environment, and remembers which there are.</summary>
public sealed class SettingReader(IConfiguration configuration)
{
    private static readonly (string Suffix, double Seconds)[] DurationUnits =
        [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    private readonly List<Setting> _settings = [];

    /// <summary>Every setting read so far.</summary>
    public IReadOnlyList<Setting> Settings => _settings;

    public string Text(string name, string fallback, string fallbackInWords, string range, string meaning) =>
        Find(new Setting(name, fallbackInWords, range, meaning)) ?? fallback;

    public bool Switch(string name, bool fallback, string meaning)
    {
        var setting = new Setting(name, fallback ? "true" : "false", "true or false", meaning);
        return Find(setting) is not { } text ? fallback
            : bool.TryParse(text, out bool value) ? value
            : throw Invalid(setting, text);
    }

    /// <param name="parse">Reads one entry; null if it is none.</param>
    public IReadOnlyList<T> List<T>(string name, string range, string meaning, Func<string, T?> parse)
        where T : class
    {
        var setting = new Setting(name, "none", range, meaning);
        return Find(setting) is { } text ? [.. Entries(text).Select(entry => parse(entry) ?? throw Invalid(setting, entry))] : [];
    }

    /// <param name="parse">Reads one entry; null if it is none.</param>
    public IReadOnlyList<T> List<T>(string name, string range, string meaning, Func<string, T?> parse)
        where T : struct
    {
        var setting = new Setting(name, "none", range, meaning);
        return Find(setting) is { } text ? [.. Entries(text).Select(entry => parse(entry) ?? throw Invalid(setting, entry))] : [];
    }

    public string Choice(string name, IReadOnlyList<string> choices, string meaning)
    {
        var setting = new Setting(name, choices[0], string.Join(" or ", choices), meaning);
        string text = Find(setting) ?? choices[0];
        return choices.Contains(text) ? text : throw Invalid(setting, text);
    }

    public int Number(string name, int fallback, int min, int max, string meaning, string? fallbackInWords = null)
    {
        var setting = new Setting(name, fallbackInWords ?? Invariant($"{fallback}"), Invariant($"{min} to {max}"), meaning);
        return Find(setting) is not { } text ? fallback
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                && value >= min && value <= max ? value
            : throw Invalid(setting, text);
    }

    /// <summary>A number with its unit: <c>250ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max, string meaning)
    {
        var setting = new Setting(name, InWords(fallback), $"{InWords(min)} to {InWords(max)}", meaning);
        return Find(setting) is not { } text ? fallback
            : ParseDuration(text) is { } value && value >= min && value <= max ? value
            : throw Invalid(setting, text);
    }

    private string? Find(Setting setting)
    {
        _settings.Add(setting);
        string? text = configuration[setting.Name] ?? configuration[setting.Variable];
        return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    private static string[] Entries(string text) =>
        text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static TimeSpan? ParseDuration(string text)
    {
        foreach ((string suffix, double seconds) in DurationUnits)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && uint.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
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

    private static InvalidSettingException Invalid(Setting setting, string text) =>
        new($"The setting '{setting.Name}' ({setting.Option} or {setting.Variable}) takes {setting.Range}, not '{text}'.");
}
