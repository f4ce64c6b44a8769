using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

/// <summary>The page works in Safari 15, Chrome 100 and Firefox 100.</summary>
public sealed partial class OldestBrowsersTests(Site site)
{
    /// <summary>Without these the page looks a little different and works the same.</summary>
    private static readonly string[] Decoration = ["cursor", "scroll-behavior", "text-wrap", "forced-color-adjust"];

    /// <summary>The style sheet has another rule for browsers without it.</summary>
    private const string WithFallback = ":focus-visible";

    private static readonly Visit Oldest = Visit.Default with { InitScript = OldestBrowsers.RemovalScript };

    private static readonly string Folder = Repository.PathOf("src", "Api", "wwwroot");

    [Fact]
    public Task A_drawing_is_read_watched_and_undone_without_newer_functions() => site.VisitAsync(Oldest, async page =>
    {
        bool[] found = await page.Page.EvaluateAsync<bool[]>(
            """
            () => ["any", "timeout"].map(name => name in AbortSignal)
              .concat("toReversed" in Array.prototype, "structuredClone" in window,
                "getCoalescedEvents" in PointerEvent.prototype)
            """);
        found.ShouldAllBe(isThere => !isThere);

        await page.DrawAsync(7);
        await page.ShouldReadAsync(7);
        await page.RowsRead.FillAsync("14");
        await Expect(page.Answer).ToHaveAttributeAsync("data-state", "moment");
        await page.Play.ClickAsync();
        await page.ShouldReadAsync(7);
        await page.Page.GetByText("seed", new() { Exact = true }).ClickAsync();
        await Expect(page.Model("seed")).ToBeCheckedAsync();
        await page.SettleAsync();
        await page.Button("Copy the curl line").ClickAsync();
        await Expect(page.Button("Copied the curl line")).ToBeVisibleAsync();
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(
            () => page.Button("Save your picture as digit.png").ClickAsync());
        download.SuggestedFilename.ShouldBe("digit.png");
        await page.Clear.ClickAsync();
        await page.ShouldBeEmptyAsync();
        await Expect(page.Notice).ToHaveCountAsync(0);
    });

    [Fact]
    public Task An_uploaded_picture_is_read_without_newer_functions() =>
        site.VisitAsync(Visit.Phone with { InitScript = OldestBrowsers.RemovalScript }, async page =>
        {
            await page.Picture.SetInputFilesAsync(
                PictureTests.File("two.png", "image/png", PictureTests.Handwritten(2)));

            await page.ShouldReadAsync(2);
            await Expect(page.Model("digits")).ToBeCheckedAsync();
            await Expect(page.Notice).ToHaveCountAsync(0);
        });

    [Fact]
    public void The_scripts_use_nothing_that_the_oldest_browsers_lack()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Folder, "js")))
        {
            string script = ScriptComment().Replace(File.ReadAllText(file), "");
            string[] missing =
            [
                .. Identifier().Matches(script).Select(match => match.Value).Where(IsMissing),
                .. StaticMember().Matches(script).Where(
                    match => IsMissing(match.Groups[1].Value, match.Groups[2].Value)).Select(match => match.Value),
                .. Member().Matches(script).Select(match => match.Groups[1].Value).Where(IsMissingFromBuiltins),
                .. NewSyntax().Matches(script).Select(match => match.Value),
            ];
            missing.Distinct().ShouldBeEmpty(Path.GetFileName(file));
        }
    }

    [Fact]
    public void The_style_sheet_uses_nothing_that_the_oldest_browsers_lack()
    {
        string css = StyleComment().Replace(File.ReadAllText(Path.Combine(Folder, "page.css")), "");

        string[] missing =
        [
            .. Declaration()
                .Matches(css).SelectMany(match => MissingOf(css, match.Groups[1].Value, match.Groups[2].Value)),
            .. Selector()
                .Matches(css).SelectMany(selector => PseudoClass().Matches(selector.Value)).Select(match => match.Value)
                .Where(name => name != WithFallback && !Has(
                    OldestBrowsers.Css.GetProperty("selectors"), name.TrimStart(':'))),
        ];
        missing.Distinct().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("display", "grid", true)]
    [InlineData("overflow-wrap", "anywhere", false)]
    [InlineData("background", "color-mix(in oklab, red, blue)", false)]
    [InlineData("field-sizing", "content", false)]
    public void The_check_of_the_style_sheet_tells_new_from_old_properties(string property, string value, bool isOld) =>
        MissingOf("", property, value).Any().ShouldBe(!isOld);

    private static IEnumerable<string> MissingOf(string css, string property, string value)
    {
        JsonElement properties = OldestBrowsers.Css.GetProperty("properties");
        if (Decoration.Contains(property) || !properties.TryGetProperty(property, out JsonElement known))
        {
            yield break;
        }

        if (!OldestBrowsers.Have(known, prefix => css.Contains($"{prefix}{property}:", StringComparison.Ordinal)))
        {
            yield return property;
        }

        foreach (string word in Word().Matches(value).Select(match => match.Value))
        {
            // The data tells of flex items, the page has grid items.
            bool isPositioned = property == "align-self" && word == "start";
            JsonElement types = OldestBrowsers.Css.GetProperty("types");
            bool isKnownFunction = types.EnumerateObject().Select(type => type.Value).Append(types)
                .All(group => Has(group, word) || !value.Contains($"{word}(", StringComparison.Ordinal));
            if (!isPositioned && (!Has(known, word) || !isKnownFunction))
            {
                yield return $"{property}: {word}";
            }
        }
    }

    private static bool Has(JsonElement group, string name) =>
        group.ValueKind != JsonValueKind.Object || !group.TryGetProperty(name, out JsonElement feature)
            || OldestBrowsers.Have(feature);

    private static bool IsMissing(string name) =>
        !Has(OldestBrowsers.WebApis, name) || !Has(OldestBrowsers.Builtins, name);

    private static bool IsMissing(string owner, string member) =>
        (OldestBrowsers.WebApis.TryGetProperty(owner, out JsonElement api) && !Has(api, $"{member}_static"))
        || (OldestBrowsers.Builtins.TryGetProperty(owner, out JsonElement builtin) && !Has(builtin, member));

    /// <summary>Only if it is missing from every class that has a member of this name.</summary>
    private static bool IsMissingFromBuiltins(string member)
    {
        bool[] builtins = [.. HavingMember(OldestBrowsers.Builtins, member)];
        return builtins.Length > 0 && !builtins.Concat(HavingMember(OldestBrowsers.WebApis, member)).Contains(true);
    }

    private static IEnumerable<bool> HavingMember(JsonElement classes, string member) => classes.EnumerateObject()
        .Where(type => type.Value.TryGetProperty(
            member, out JsonElement feature) && feature.TryGetProperty("__compat", out _))
        .Select(type => Has(type.Value, member));

    [GeneratedRegex(@"/\*.*?\*/|^\s*//.*?$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ScriptComment();

    /// <summary>Classes, and functions that are called.</summary>
    [GeneratedRegex(@"(?<![.\w#])(?:[A-Z]\w+|[a-z]\w+(?=\())")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\b([A-Z]\w+)\.(\w+)")]
    private static partial Regex StaticMember();

    [GeneratedRegex(@"\.(\w+)")]
    private static partial Regex Member();

    /// <summary>Lookbehind in regular expressions, blocks in classes, attributes of imports.</summary>
    [GeneratedRegex(@"\(\?<[=!]|\bstatic \{|\bfrom ""[^""]+"" with\b|#\w+ in ")]
    private static partial Regex NewSyntax();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex StyleComment();

    [GeneratedRegex(@"^\s+([a-z][a-z-]+): ([^;]+);$", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*[^@\s][^;]*[{,]$", RegexOptions.Multiline)]
    private static partial Regex Selector();

    [GeneratedRegex(@"::?[a-z][a-z-]+")]
    private static partial Regex PseudoClass();

    [GeneratedRegex(@"(?<![\w-])[a-z][a-zA-Z-]+")]
    private static partial Regex Word();
}
