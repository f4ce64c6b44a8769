using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Onnx;

/// <summary>
/// Turns a model file of <see cref="OnnxExporter"/> into one whose LSTM multiplies bytes: its LSTM becomes ONNX Runtime's
/// DynamicQuantizeLSTM, whose weights are int8 and whose inputs are quantised while it runs. See
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.DynamicQuantizeLSTM.
/// </summary>
internal static class LstmQuantizer
{
    /// <summary>The operator set that is not ONNX's own.</summary>
    public const string Domain = "com.microsoft";

    /// <summary>
    /// Weights are −63 to 63: processors without VNNI add the products of two pairs in 16 bits, and 2 x 255 x 63 is the most
    /// that fits. With 127 they would compute something else than those with VNNI.
    /// </summary>
    public const int Most = 63;

    private const string Lstm = "LSTM";

    /// <param name="file">A model file as the trainer writes it.</param>
    /// <returns>The other graph, still with the first one's card.</returns>
    /// <exception cref="TrainerException">It is another file, or one that is quantised already.</exception>
    public static ModelProto Quantize(byte[] file)
    {
        ModelProto model = Parse(file);
        GraphProto graph = model.Graph ?? throw NotOurs("it has no graph");
        if (graph.Node.Any(node => node.OpType == "DynamicQuantizeLSTM"))
        {
            throw new TrainerException("The model is quantised already.");
        }

        NodeProto lstm = graph.Node.SingleOrDefault(node => node.OpType == Lstm) ?? throw NotOurs("it has no LSTM, or several");
        if (lstm.Input.Count != 4 || lstm.Attribute.FirstOrDefault(a => a.Name == "hidden_size") is not { I: > 0 and <= 4096 } size)
        {
            throw NotOurs("its LSTM has other inputs");
        }

        int hidden = (int)size.I;
        QuantizedWeights inputs = QuantizedWeights.Of(TakeFloats(graph, lstm.Input[1], 4 * hidden * RowSequence.Features), 4 * hidden);
        QuantizedWeights recurrent = QuantizedWeights.Of(TakeFloats(graph, lstm.Input[2], 4 * hidden * hidden), 4 * hidden);
        Add(graph, lstm.Input[1], inputs);
        Add(graph, lstm.Input[2], recurrent);

        // X, W, R, B, no lengths, no initial state, no peepholes, then the scales and zeros.
        lstm.OpType = "DynamicQuantizeLSTM";
        lstm.Domain = Domain;
        lstm.Input.Add(["", "", "", ""]);
        lstm.Input.Add([Scale(lstm.Input[1]), Zero(lstm.Input[1]), Scale(lstm.Input[2]), Zero(lstm.Input[2])]);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        return model;
    }

    /// <summary>The same graph with another card.</summary>
    public static byte[] WithCard(ModelProto model, ModelCard card)
    {
        StringStringEntryProto entry = model.MetadataProps.SingleOrDefault(p => p.Key == ModelContract.CardKey)
            ?? throw NotOurs("it has no card");
        entry.Value = (card with { Run = null, ModelSha256 = null }).ToJson();
        return model.ToByteArray();
    }

    /// <summary>All quantised weights and their scales, for the version.</summary>
    public static IEnumerable<byte[]> Weights(ModelProto model) => model.Graph.Initializer.Select(tensor => tensor.RawData.ToByteArray());

    private static string Scale(string name) => $"{name}.scale";

    private static string Zero(string name) => $"{name}.zero";

    private static ModelProto Parse(byte[] file)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotOurs($"it is no ONNX file ({e.Message})");
        }
    }

    /// <summary>Takes a tensor of floats out of the graph.</summary>
    private static float[] TakeFloats(GraphProto graph, string name, int count)
    {
        TensorProto? tensor = graph.Initializer.SingleOrDefault(t => t.Name == name);
        if (tensor is null || tensor.DataType != (int)TensorProto.Types.DataType.Float || tensor.RawData.Length != count * sizeof(float))
        {
            throw NotOurs($"its weights '{name}' are not {count} floats");
        }

        graph.Initializer.Remove(tensor);
        return MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
    }

    private static void Add(GraphProto graph, string name, QuantizedWeights weights)
    {
        int columns = weights.Scales.Length;
        var values = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Int8,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<sbyte>(weights.Values)),
        };
        values.Dims.Add([1, weights.Values.Length / columns, columns]);
        var scales = new TensorProto
        {
            Name = Scale(name),
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(weights.Scales)),
        };
        scales.Dims.Add([1, columns]);
        var zeros = new TensorProto
        {
            Name = Zero(name),
            DataType = (int)TensorProto.Types.DataType.Int8,
            RawData = ByteString.CopyFrom(new byte[columns]),
        };
        zeros.Dims.Add([1, columns]);
        graph.Initializer.Add([values, scales, zeros]);
    }

    private static TrainerException NotOurs(string why) => new($"The file is not a model that 'train' has written: {why}.");

    /// <summary>Weight = value x scale, with a scale for each column.</summary>
    /// <param name="Values">[I, 4H], where ONNX's LSTM has [4H, I].</param>
    /// <param name="Scales">[4H].</param>
    private sealed record QuantizedWeights(sbyte[] Values, float[] Scales)
    {
        /// <param name="weights">[rows, I].</param>
        /// <param name="rows">4H.</param>
        public static QuantizedWeights Of(float[] weights, int rows)
        {
            int inputs = weights.Length / rows;
            var values = new sbyte[weights.Length];
            var scales = new float[rows];
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = weights.AsSpan(r * inputs, inputs);
                scales[r] = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude(row)) / Most, float.Epsilon);
                for (int i = 0; i < inputs; i++)
                {
                    values[(i * rows) + r] = (sbyte)MathF.Round(row[i] / scales[r]);
                }
            }

            return new QuantizedWeights(values, scales);
        }
    }
}
