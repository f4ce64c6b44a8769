namespace MnistLstm.Trainer.Optimizers;

/// <summary>The four gates' matrices in a flat vector of weights: [gates, rows, columns].</summary>
/// <param name="Gates">How many there are, one after another.</param>
/// <param name="Rows">H; not less than the columns.</param>
/// <param name="Columns">I or H.</param>
public sealed record GateMatrices(long Start, long Gates, long Rows, long Columns)
{
    public long Length => Gates * Rows * Columns;
}
