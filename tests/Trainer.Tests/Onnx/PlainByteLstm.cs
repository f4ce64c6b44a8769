using System.Runtime.InteropServices;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests.Onnx;

/// <summary>
/// A file with byte weights computed in plain C#: sums of bytes in 32 bits, the rest in double precision. What ONNX
/// Runtime is compared with.
/// </summary>
internal sealed class PlainByteLstm
{
    private const int Steps = 28;
    private const int Inputs = 28;
    private const int Classes = 10;

    private readonly int _units;
    private readonly Matrix _inputWeights;
    private readonly Matrix _recurrentWeights;
    private readonly float[] _biases;
    private readonly float[] _outputWeights;
    private readonly float[] _outputBias;

    public PlainByteLstm(ModelProto model)
    {
        _inputWeights = Matrix.Of(model, "lstm.W");
        _recurrentWeights = Matrix.Of(model, "lstm.R");
        _biases = Floats(model, "lstm.B");
        _outputWeights = Floats(model, "fc.weight");
        _outputBias = Floats(model, "fc.bias");
        _units = _biases.Length / 8;
    }

    /// <param name="rows">[T, I] intensities.</param>
    /// <returns>[C].</returns>
    public double[] Logits(ReadOnlySpan<float> rows)
    {
        var h = new float[_units];
        var c = new double[_units];
        for (int t = 0; t < Steps; t++)
        {
            float[] x = [.. rows.Slice(t * Inputs, Inputs), 1];
            double[] ofInputs = _inputWeights.Times(x);
            double[] ofUnits = _recurrentWeights.Times(h);
            double[] gates = new double[4 * _units];
            for (int k = 0; k < gates.Length; k++)
            {
                gates[k] = ofInputs[k] + ofUnits[k] + _biases[k] + _biases[gates.Length + k];
            }

            for (int k = 0; k < _units; k++)
            {
                c[k] = (Logistic(gates[(2 * _units) + k]) * c[k])
                    + (Logistic(gates[k]) * Math.Tanh(gates[(3 * _units) + k]));
                h[k] = (float)(Logistic(gates[_units + k]) * Math.Tanh(c[k]));
            }
        }

        return [.. Enumerable.Range(0, Classes).Select(digit =>
            _outputBias[digit] + Enumerable.Range(0, _units)
            .Sum(k => (double)h[k] * _outputWeights[(digit * _units) + k]))];
    }

    private static double Logistic(double value) => 1 / (1 + Math.Exp(-value));

    private static float[] Floats(ModelProto model, string name) =>
        MemoryMarshal.Cast<byte, float>(model.Graph.Initializer.Single(t => t.Name == name).RawData.Span).ToArray();

    /// <param name="Values">[inputs, columns].</param>
    /// <param name="Scales">[columns].</param>
    internal sealed record Matrix(sbyte[] Values, float[] Scales)
    {
        public int Columns => Scales.Length;

        public int Inputs => Values.Length / Columns;

        public static Matrix Of(ModelProto model, string name) => new(
            MemoryMarshal.Cast<byte, sbyte>(model.Graph.Initializer.Single(t => t.Name == name).RawData.Span).ToArray(),
            Floats(model, $"{name}.scale"));

        public int Sum(int column, ReadOnlySpan<byte> bytes, int zero)
        {
            int sum = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                sum += (bytes[i] - zero) * Values[(i * Columns) + column];
            }

            return sum;
        }

        /// <summary>Quantizes factors to bytes, from their smallest to their largest value.</summary>
        public double[] Times(float[] values)
        {
            float least = Math.Min(0, values.Min());
            float most = Math.Max(0, values.Max());
            float scale = most > least ? (most - least) / byte.MaxValue : 1;
            int zero = (int)MathF.Round(-least / scale);
            byte[] bytes =
                [.. values.Select(value => (byte)Math.Clamp(MathF.Round(value / scale) + zero, 0, byte.MaxValue))];
            return [.. Scales.Select((ofColumn, column) => (double)scale * ofColumn * Sum(column, bytes, zero))];
        }
    }
}
