namespace MnistLstm.Api.Settings;

/// <summary>The default model folder.</summary>
public static class ModelFolder
{
    private const string Name = "models";

    public const string Pattern = "*.onnx";

    /// <summary>
    /// The nearest folder <c>models</c> that holds a model: beside the program where it was published, in the
    /// checkout above it where it was built.
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
