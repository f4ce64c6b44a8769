namespace MnistLstm.Api.Settings;

/// <summary>The default model folder.</summary>
public static class ModelFolder
{
    private const string Name = "models";

    public const string Pattern = "*.onnx";

    /// <summary>
    /// The nearest folder <c>models</c> with a model, upward from the program: beside a published program, at the top
    /// of the checkout for a built one.
    /// </summary>
    public static string Default { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, Name);
            if (Directory.Exists(candidate) && Directory.EnumerateFiles(candidate, Pattern).Any())
            {
                return candidate;
            }
        }

        return Path.Combine(AppContext.BaseDirectory, Name);
    }
}
