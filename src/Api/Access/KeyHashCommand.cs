using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Access;

/// <summary>A second way to run the program: it hashes a key for the settings.</summary>
/// <remarks>
/// The key comes by standard input, so that it stands neither in the list of processes nor in a shell's history.
/// </remarks>
public static class KeyHashCommand
{
    public const string Switch = "--hash-key";

    /// <returns>The exit code.</returns>
    public static int Run(TextReader input, TextWriter output, TextWriter error)
    {
        string key = input.ReadLine()?.Trim() ?? "";
        if (key.Length < ApiKeys.MinKeyLength)
        {
            error.WriteLine(
                $"A key has {ApiKeys.MinKeyLength} characters or more, and comes by standard input: openssl rand -hex "
                + $"32 | tee key.txt | dotnet Api.dll {Switch}");
            return ExitCodes.BadInput;
        }

        output.WriteLine(Convert.ToHexStringLower(KeyHash.Of(key)));
        return ExitCodes.Success;
    }
}
