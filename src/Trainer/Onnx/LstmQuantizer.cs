using System.Runtime.InteropServices;
using Google.Protobuf;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Onnx;

/// <summary>
/// Turns a model file of <see cref="OnnxExporter"/> into one whose LSTM multiplies bytes, ONNX Runtime's
/// DynamicQuantizeLSTM:
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.DynamicQuantizeLSTM.
/// </summary>
/// <remarks>
/// The operator takes the range of what it turns into bytes from the whole batch: of x once, of h at every step. An
/// image's logits would depend on the others in its batch. So the graph pins both ranges. A 29th input is always 1, the
/// most that a pixel can be. Two more units have gates that are always open. At step t, their h is tanh(t) and
/// −tanh(t), and no unit can have more or less. The weights of the pins are 0.
/// </remarks>
internal static class LstmQuantizer
{
    /// <summary>The operator set that is not ONNX's own.</summary>
    public const string Domain = "com.microsoft";

    public const string Operator = "DynamicQuantizeLSTM";

    /// <summary>Inputs that are always 1.</summary>
    public const int PinInputs = 1;

    /// <summary>Units whose h is the most or the least.</summary>
    public const int PinUnits = 2;

    /// <summary>The sum in a pin's gates: ONNX Runtime clips it at 18 in the logistic function, at 9 in tanh.</summary>
    private const float Open = 20;

    private const int Gates = 4;
    private const int CellGate = 3; // of i o f c
    private const string PinnedSteps = "pinned";

    /// <param name="file">A model file as the trainer writes it.</param>
    /// <returns>The other graph, still with the first one's card and temperature.</returns>
    /// <exception cref="TrainerException">It is another file, or one with byte weights.</exception>
    public static ModelProto Quantize(byte[] file)
    {
        ModelProto model = Parse(file);
        GraphProto graph = model.Graph ?? throw NotOurs("it has no graph");
        if (graph.Node.Any(node => node.OpType == Operator))
        {
            throw new TrainerException("The model has byte weights already. Give the one with float weights.");
        }

        NodeProto lstm = graph.Node.SingleOrDefault(node =>
            node.OpType == "LSTM") ?? throw NotOurs("it has no LSTM, or several");
        if (lstm.Input.Count != 4
            || lstm.Attribute.FirstOrDefault(a => a.Name == "hidden_size") is not { I: > 0 and <= 4096 } size)
        {
            throw NotOurs("its LSTM has other inputs");
        }

        int hidden = (int)size.I;
        int units = hidden + PinUnits;
        size.I = units;
        float[] inputWeights =
            TakeFloats(graph, lstm.Input[1], Gates, hidden, RowSequence.Features, PinUnits, PinInputs);
        float[] recurrentWeights = TakeFloats(graph, lstm.Input[2], Gates, hidden, hidden, PinUnits, PinUnits);
        float[] biases = TakeFloats(graph, lstm.Input[3], 2 * Gates, hidden, 1, PinUnits);
        float[] outputWeights = TakeFloats(
            graph, OnnxExporter.OutputWeights, 1, ModelContract.Classes, hidden, moreColumns: PinUnits);
        OpenGates(biases, units);

        Add(graph, lstm.Input[1], QuantizedMatrix.Of(inputWeights, Gates * units));
        Add(graph, lstm.Input[2], QuantizedMatrix.Of(recurrentWeights, Gates * units));
        graph.Initializer.Add(OnnxExporter.Floats(lstm.Input[3], biases, 1, 2 * Gates * units));
        graph.Initializer.Add(
            OnnxExporter.Floats(OnnxExporter.OutputWeights, outputWeights, ModelContract.Classes, units));

        // X, W, R, B, no lengths, no initial state, no peepholes, then the scales and zeros.
        lstm.OpType = Operator;
        lstm.Domain = Domain;
        lstm.Input.Add(["", "", "", ""]);
        lstm.Input.Add([Scale(lstm.Input[1]), Zero(lstm.Input[1]), Scale(lstm.Input[2]), Zero(lstm.Input[2])]);
        PinInput(graph, lstm);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        return model;
    }

    /// <summary>The same graph with another temperature and card.</summary>
    public static byte[] With(ModelProto model, double temperature, ModelCard card)
    {
        TakeFloats(model.Graph, OnnxExporter.Temperature, 1, 1, 1);
        model.Graph.Initializer.Add(OnnxExporter.Floats(OnnxExporter.Temperature, [(float)temperature]));
        StringStringEntryProto entry = model.MetadataProps.SingleOrDefault(p => p.Key == ModelContract.CardKey)
            ?? throw NotOurs("it has no card");
        entry.Value = OnnxExporter.Metadata(card);
        return model.ToByteArray();
    }

    /// <summary>All weights and scales, for the version.</summary>
    public static IEnumerable<byte[]> Weights(ModelProto model) => model.Graph.Initializer
        .Where(tensor => tensor.Name != OnnxExporter.Temperature)
        .Select(tensor => tensor.RawData.ToByteArray());

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

    /// <summary>Takes a tensor of floats out of the graph and adds rows and columns of zeros to each block.</summary>
    /// <returns>[blocks, rows + moreRows, columns + moreColumns].</returns>
    private static float[] TakeFloats(
        GraphProto graph, string name, int blocks, int rows, int columns, int moreRows = 0, int moreColumns = 0)
    {
        TensorProto? tensor = graph.Initializer.SingleOrDefault(t => t.Name == name);
        if (tensor is null || tensor.DataType != (int)TensorProto.Types.DataType.Float
            || tensor.RawData.Length != blocks * rows * columns * sizeof(float))
        {
            throw NotOurs($"its weights '{name}' are not {blocks * rows * columns} floats");
        }

        graph.Initializer.Remove(tensor);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span);
        var widened = new float[blocks * (rows + moreRows) * (columns + moreColumns)];
        for (int row = 0; row < blocks * rows; row++)
        {
            int widenedRow = row + (row / rows * moreRows);
            values.Slice(row * columns, columns).CopyTo(widened.AsSpan(widenedRow * (columns + moreColumns)));
        }

        return widened;
    }

    /// <summary>The two pins are the last units of each gate.</summary>
    private static void OpenGates(float[] biases, int units)
    {
        for (int gate = 0; gate < Gates; gate++)
        {
            int end = (gate + 1) * units;
            biases[end - 2] = Open;
            biases[end - 1] = gate == CellGate ? -Open : Open;
        }
    }

    /// <summary>[T, N, I] → [T, N, I + 1], the last always 1.</summary>
    private static void PinInput(GraphProto graph, NodeProto lstm)
    {
        NodeProto pad = OnnxExporter.Node("Pad", [lstm.Input[0], "pin.places", "pin.value"], [PinnedSteps]);
        graph.Initializer.Add(OnnxExporter.Integers("pin.places", [0, 0, 0, 0, 0, PinInputs]));
        graph.Initializer.Add(OnnxExporter.Floats("pin.value", [1]));
        graph.Node.Insert(graph.Node.IndexOf(lstm), pad);
        lstm.Input[0] = PinnedSteps;
    }

    private static void Add(GraphProto graph, string name, QuantizedMatrix weights)
    {
        int columns = weights.Columns;
        graph.Initializer.Add(
        [
            OnnxExporter.SignedBytes(name, weights.Values, 1, weights.Values.Length / columns, columns),
            OnnxExporter.Floats(Scale(name), weights.Scales, 1, columns),
            OnnxExporter.SignedBytes(Zero(name), new sbyte[columns], 1, columns),
        ]);
    }

    private static TrainerException NotOurs(string why) =>
        new($"The file is not a model that 'train' has written: {why}.");
}
