namespace MnistLstm.Shared.Tests;

/// <summary>The build refuses long lines of code (RCS0056), but neither long comments nor long strings.</summary>
public sealed class LineLengthTests
{
    /// <summary>As in <c>.editorconfig</c>.</summary>
    private const int MaxLength = 120;

    private static readonly string[] Generated =
        ["generated", "node_modules", $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"];

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    [InlineData("examples")]
    public void No_line_is_longer_than_120_characters(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Generated.Any(part => file.Contains(part, StringComparison.Ordinal)))];

        files.ShouldNotBeEmpty();
        files.SelectMany(file => File.ReadLines(file).Index()
                .Where(line => line.Item.Length > MaxLength)
                .Select(line => $"{file}:{line.Index + 1}"))
            .ShouldBeEmpty();
    }
}
