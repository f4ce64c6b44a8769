namespace MnistLstm.Trainer.Onnx;

/// <summary>A matrix of floats as bytes: weight = byte x scale of its column.</summary>
/// <param name="Values">[inputs, columns], where ONNX's LSTM has [columns, inputs].</param>
/// <param name="Scales">[columns].</param>
internal sealed record QuantizedMatrix(sbyte[] Values, float[] Scales)
{
    /// <summary>
    /// Processors without VNNI multiply the bytes of two neighboring inputs, 0 to 255, by their weights and add both in
    /// 16 bits. 255 x 128 is the most that fits.
    /// </summary>
    public const int MostOfPair = 128;

    public int Columns => Scales.Length;

    /// <param name="weights">[columns, inputs].</param>
    /// <param name="columns">Each has its own scale.</param>
    public static QuantizedMatrix Of(ReadOnlySpan<float> weights, int columns)
    {
        int inputs = weights.Length / columns;
        var values = new sbyte[weights.Length];
        var scales = new float[columns];
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<float> row = weights.Slice(column * inputs, inputs);
            scales[column] = Scale(row);
            for (int i = 0; i < inputs; i++)
            {
                values[(i * columns) + column] = (sbyte)MathF.Round(row[i] / scales[column]);
            }
        }

        return new QuantizedMatrix(values, scales);
    }

    /// <summary>The least with which no pair is above the most, though both of its bytes are rounded up.</summary>
    private static float Scale(ReadOnlySpan<float> row)
    {
        float most = 0;
        for (int i = 0; i < row.Length; i += 2)
        {
            most = Math.Max(most, Math.Abs(row[i]) + (i + 1 < row.Length ? Math.Abs(row[i + 1]) : 0));
        }

        return most > 0 ? most / (MostOfPair - 1) : 1;
    }
}
