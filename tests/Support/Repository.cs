namespace MnistLstm.Support;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>The folder of the solution file, found upwards from the test's binaries.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MnistLstm.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No MnistLstm.sln above {AppContext.BaseDirectory}.");
    }
}
