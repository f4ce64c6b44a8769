namespace MnistLstm.Trainer.Data;

/// <summary>How far a download is.</summary>
/// <param name="Share">0 to 1; null where the server does not say how long the file is.</param>
public readonly record struct Download(MnistFile File, double? Share);
