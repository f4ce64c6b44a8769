namespace MnistLstm.Trainer.Errors;

/// <summary>A failure that a person can mend: shown as one sentence, without a stack trace.</summary>
/// <param name="sentence">A sentence that says what is wrong, where, and what to do.</param>
public sealed class TrainerException(string sentence, int exitCode = ExitCodes.BadInput) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
