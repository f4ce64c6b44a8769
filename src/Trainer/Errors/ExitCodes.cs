namespace MnistLstm.Trainer.Errors;

public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The run failed: a loss that is no number, an exported file that computes something else.</summary>
    public const int RunFailed = 1;

    /// <summary>An unknown option, a bad value, a missing or wrong file.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl+C: 128 + SIGINT, as in shells.</summary>
    public const int Interrupted = 130;
}
