namespace MnistLstm.Api.Tests;

public sealed class OutputTests
{
    private static readonly string[] TrainingLibraries = ["torch", "c10", "mkl", "SharpZipLib"];

    [Fact]
    public void The_service_does_not_contain_the_training_library()
    {
        string folder = Path.GetDirectoryName(typeof(Program).Assembly.Location)!;

        string dependencies = File.ReadAllText(Path.Combine(folder, "Api.deps.json"));
        TrainingLibraries.ShouldAllBe(name => !dependencies.Contains(name, StringComparison.OrdinalIgnoreCase));
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)!)
            .ShouldAllBe(file =>
                !TrainingLibraries.Any(name => file.Contains(name, StringComparison.OrdinalIgnoreCase)));
    }
}
