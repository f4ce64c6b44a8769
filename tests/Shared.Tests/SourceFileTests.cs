using System.Text.RegularExpressions;

namespace MnistLstm.Shared.Tests;

/// <summary>The build refuses most of what <c>dotnet format</c> would change; these tests refuse the rest.</summary>
public sealed partial class SourceFileTests
{
    /// <summary>As in <c>.editorconfig</c>.</summary>
    private const int MaxLength = 120;

    private static readonly string[] Generated =
        ["generated", "node_modules", $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"];

    public static TheoryData<string> Folders => ["src", "tests", "bench", "examples"];

    /// <summary>RCS0056 looks neither at long comments nor at long strings.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void No_line_is_longer_than_120_characters(string folder) =>
        FilesIn(folder).SelectMany(file => File.ReadLines(file).Index()
                .Where(line => line.Item.Length > MaxLength)
                .Select(line => $"{file}:{line.Index + 1}"))
            .ShouldBeEmpty();

    /// <summary>IDE0055 ignores the order of using directives.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Using_directives_are_in_the_order_of_dotnet_format(string folder)
    {
        foreach (string file in FilesIn(folder))
        {
            string[] names =
                [.. Using().Matches(File.ReadAllText(file)).Select(directive => directive.Groups[1].Value)];

            names.ShouldBe(
                names.OrderBy(name => name.Split('.')[0] != "System")
                    .ThenBy(name => name, StringComparer.OrdinalIgnoreCase),
                ignoreOrder: false,
                file);
        }
    }

    private static string[] FilesIn(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Generated.Any(part => file.Contains(part, StringComparison.Ordinal)))];
        files.ShouldNotBeEmpty();
        return files;
    }

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
