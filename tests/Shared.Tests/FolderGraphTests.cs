using System.Text.RegularExpressions;

namespace MnistLstm.Shared.Tests;

/// <summary>The folders of each project form layers: no folder uses a folder that uses it.</summary>
public sealed partial class FolderGraphTests
{
    [Theory]
    [InlineData("Api")]
    [InlineData("Shared")]
    [InlineData("Trainer")]
    public void Folders_do_not_depend_on_each_other_in_a_cycle(string project)
    {
        Dictionary<string, HashSet<string>> uses = UsesOfFolders(project);

        // Folders that use nothing that is left are taken away, layer by layer; a cycle is what remains.
        while (uses.FirstOrDefault(folder => !folder.Value.Any(uses.ContainsKey)).Key is { } lowest)
        {
            uses.Remove(lowest);
        }

        uses.ShouldBeEmpty($"These folders of src/{project} form a cycle.");
    }

    [Theory]
    [InlineData("Api", "Program")]
    [InlineData("Trainer", "Program")]
    public void The_root_of_a_program_holds_nothing_else(string project, string file) =>
        Directory.EnumerateFiles(Repository.PathOf("src", project), "*.cs").Select(Path.GetFileNameWithoutExtension)
            .ShouldBe([file]);

    /// <summary>
    /// For each folder of the project: which others its files use, by a using directive or by a qualified name.
    /// </summary>
    private static Dictionary<string, HashSet<string>> UsesOfFolders(string project)
    {
        string root = Repository.PathOf("src", project);
        string[] folders = [.. Directory.EnumerateDirectories(root)
            .Where(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any())
            .Select(folder => Path.GetFileName(folder)!)];
        folders.Length.ShouldBeGreaterThan(1, $"src/{project} has no folders to compare.");

        var uses = folders.ToDictionary(folder => folder, _ => new HashSet<string>());
        foreach (string folder in folders)
        {
            foreach (string file in Directory.EnumerateFiles(
                Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            {
                string code = Comment().Replace(File.ReadAllText(file), "");
                code.ShouldMatch($@"namespace MnistLstm\.{project}\.{folder}[.;]",
                    $"The namespace in {file} is not its folder.");
                uses[folder].UnionWith(folders.Where(other =>
                    other != folder && Regex.IsMatch(
                        code, $@"(\busing (static )?MnistLstm\.{project}\.{other}\b)|(\b{project}\.{other}\.[A-Z])")));
            }
        }

        return uses;
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
