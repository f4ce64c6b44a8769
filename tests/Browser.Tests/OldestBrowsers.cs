using System.Globalization;
using System.Text.Json;

namespace MnistLstm.Browser.Tests;

/// <summary>
/// The features of the oldest supported browsers, from MDN's browser compatibility data
/// (https://github.com/mdn/browser-compat-data).
/// </summary>
internal static class OldestBrowsers
{
    private static readonly Dictionary<string, double> Versions = new()
    {
        ["safari"] = 15,
        ["safari_ios"] = 15,
        ["chrome"] = 100,
        ["chrome_android"] = 100,
        ["firefox"] = 100,
        ["firefox_android"] = 100,
    };

    private static readonly Lazy<JsonDocument> Data = new(() => JsonDocument.Parse(File.ReadAllBytes(
        Repository.PathOf("tests", "Browser.Tests", "node_modules", "@mdn", "browser-compat-data", "data.json"))));

    public static JsonElement Css => Data.Value.RootElement.GetProperty("css");

    public static JsonElement WebApis => Data.Value.RootElement.GetProperty("api");

    public static JsonElement Builtins => Data.Value.RootElement.GetProperty("javascript").GetProperty("builtins");

    /// <summary>
    /// Deletes from a newer browser every class, function and member that one of the oldest browsers lacks.
    /// </summary>
    public static string RemovalScript => $$"""
        for (const [owner, member] of {{JsonSerializer.Serialize(Missing())}}) {
          const holder = owner === "" ? globalThis : globalThis[owner];
          delete holder?.[member];
          delete holder?.prototype?.[member];
        }
        """;

    /// <summary>Whether all of the oldest browsers have a feature.</summary>
    /// <param name="feature">A node of the data, with its "__compat".</param>
    /// <param name="acceptsPrefix">Whether a prefix like "-webkit-" is written as well.</param>
    public static bool Have(JsonElement feature, Func<string, bool>? acceptsPrefix = null)
    {
        if (!feature.TryGetProperty("__compat", out JsonElement compat))
        {
            return true;
        }

        JsonElement support = compat.GetProperty("support");
        return Versions.All(browser => support.TryGetProperty(browser.Key, out JsonElement statements)
            && (statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray().ToArray() : [statements])
                .Any(statement => IsIn(browser.Value, statement, acceptsPrefix)));
    }

    /// <returns>[owner, member]; the owner is empty for what is global.</returns>
    private static IEnumerable<string[]> Missing()
    {
        foreach (JsonProperty owner in WebApis.EnumerateObject().Concat(Builtins.EnumerateObject()))
        {
            if (!Have(owner.Value))
            {
                yield return ["", owner.Name];
                continue;
            }

            foreach (JsonProperty member in owner.Value.EnumerateObject())
            {
                if (!member.Name.StartsWith("__", StringComparison.Ordinal) && !Have(member.Value))
                {
                    yield return [owner.Name == "Window" ? "" : owner.Name, member.Name.Replace(
                        "_static", "", StringComparison.Ordinal)];
                }
            }
        }
    }

    private static bool IsIn(double version, JsonElement statement, Func<string, bool>? acceptsPrefix) =>
        Version(statement, "version_added") is { } added && added <= version
        && !(Version(statement, "version_removed") <= version)
        && !statement.TryGetProperty("flags", out _)
        && !statement.TryGetProperty("alternative_name", out _)
        && (!statement.TryGetProperty(
            "prefix", out JsonElement prefix) || acceptsPrefix?.Invoke(prefix.GetString()!) == true);

    /// <returns>Null for "preview", false and what is not there.</returns>
    private static double? Version(JsonElement statement, string name) =>
        statement.TryGetProperty(name, out JsonElement version)
        && version.ValueKind == JsonValueKind.String
        && double.TryParse(version.GetString()!.TrimStart('≤'), CultureInfo.InvariantCulture, out double number)
            ? number
            : null;
}
