using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Access;

/// <summary>Runs the program as a command that hashes a key for the settings.</summary>
/// <remarks>
/// The key comes from standard input, so it appears neither in the process list nor in the shell history.
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
                $"A key needs at least {ApiKeys.MinKeyLength} characters, from standard input: openssl rand -hex "
                + $"32 | tee key.txt | dotnet Api.dll {Switch}");
            return ExitCodes.BadInput;
        }

        if (key.Length > ApiKeys.MaxKeyLength)
        {
            error.WriteLine($"A key has at most {ApiKeys.MaxKeyLength} characters, not {key.Length}.");
            return ExitCodes.BadInput;
        }

        output.WriteLine(Convert.ToHexStringLower(KeyHash.Of(key)));
        return ExitCodes.Success;
    }
}
